import type { ErrorComponentProps } from '@tanstack/react-router'
import { Problem } from '../api/problem'
import { Button } from '../ui/button'
import { Empty, ProblemState } from '../ui/states'
import { words } from './words'

/** A screen that could not be shown: refused by the server, or failed in the browser. */
export function Stopped({ error, reset }: ErrorComponentProps) {
  if (error instanceof Problem) return <ProblemState problem={error} onRetry={reset} />
  return (
    <div role="alert">
      <Empty
        title={words.stopped}
        hint={words.stoppedHint}
        action={<Button onClick={() => window.location.reload()}>{words.reload}</Button>}
      />
    </div>
  )
}

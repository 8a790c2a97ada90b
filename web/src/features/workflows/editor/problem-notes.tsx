import { Notice } from '../../../ui/notice'
import type { Problem } from './problems'

/** What is wrong with the thing that is open, where no box tells it. */
export function ProblemNotes({ problems }: { problems: Problem[] }) {
  if (problems.length === 0) return null
  return (
    <Notice tone="bad">
      {problems.map(({ pointer, message }) => (
        <div key={pointer + message}>{message}</div>
      ))}
    </Notice>
  )
}

import { Notice } from '../../../ui/notice'
import type { Problem } from './problems'

/** The problems of the open item that no box shows. */
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

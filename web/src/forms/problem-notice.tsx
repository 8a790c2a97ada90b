import type { Problem } from '../api/problem'
import { Notice } from '../ui/notice'
import { sentence } from '../words/sentence'

/** Why what a form asked for was not done, in the server's words. */
export function ProblemNotice({ problem }: { problem: Problem | null }) {
  if (!problem) return null
  return (
    <Notice tone="bad" isAlert>
      {sentence(problem.message)}
    </Notice>
  )
}

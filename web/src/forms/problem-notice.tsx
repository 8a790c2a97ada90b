import type { Problem } from '../api/problem'
import { Notice } from '../ui/notice'
import { sentence } from '../words/sentence'

/** Why a form's request failed, in the server's sentences. */
export function ProblemNotice({ problem, title }: { problem: Problem | null; title?: string }) {
  if (!problem) return null
  const findings = problem.findings.map(({ details, title: said }) => sentence(details || said))
  const said = findings.filter((finding, at) => finding !== '' && findings.indexOf(finding) === at)
  return (
    <Notice tone="bad" isAlert>
      {title && <strong>{title}</strong>}
      {(said.length > 0 ? said : [sentence(problem.message)]).map((finding) => (
        <div key={finding}>{finding}</div>
      ))}
    </Notice>
  )
}

import { useQuery } from '@tanstack/react-query'
import { type Answer as Answered, call } from '../../api/client'
import type { One, Resource } from '../../api/document'
import { oneQuery } from '../../api/queries'
import type { UserAttributes } from '../../api/resources'
import { useMay } from '../../api/session'
import type { Shown } from '../../api/shapes'

type OpenCasesAttributes = Shown<'count-open-cases-of-a-user'>

/** What becomes of the open cases of a person who is deactivated. */
export type OpenCasesChoice = 'leave' | 'unassign' | 'reassign'

/** How many open cases of this environment are assigned to a person. */
export function useOpenCases(userId: string, isWanted = true) {
  const mayRead = useMay('case.read')
  return useQuery({
    ...oneQuery<OpenCasesAttributes, '/users/{user-id}/open-cases'>(
      ['case', 'list', 'open-of', userId],
      '/users/{user-id}/open-cases',
      { path: { 'user-id': userId } },
    ),
    enabled: mayRead && isWanted,
  })
}

interface Outcome {
  moved: number
  count: number
  areMore: boolean
}

type Answer = One<UserAttributes> & { meta: { openCases: Outcome } }

/** So many requests are enough for 100,000 cases; a server that never comes to an end is not asked for ever. */
const ROUNDS_MAX = 100

/** The precondition of a change of a person: the version that was shown. */
export const etagOf = ({ attributes }: Resource<UserAttributes>) => `"${attributes.version}"`

/** Deactivates a person and does with their open cases what was chosen, 1,000 at a time until none is left. */
export async function deactivate(
  person: Resource<UserAttributes>,
  choice: OpenCasesChoice,
  to: string | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  const meta = { openCases: choice, ...(choice === 'reassign' && to ? { reassignTo: to } : {}) }
  const body = { data: { attributes: { active: false } }, meta }
  let moved = 0
  let ifMatch: string | undefined = etagOf(person)
  for (let round = 0; ; round += 1) {
    const answer: Answered<Answer> = await call<Answer, '/users/{user-id}'>('patch', '/users/{user-id}', {
      path: { 'user-id': person.id },
      body,
      signal,
      ...(ifMatch ? { ifMatch } : {}),
    })
    ifMatch = answer.etag
    const { openCases } = answer.value.meta
    moved += openCases.moved
    if (choice === 'leave' || !openCases.areMore || round === ROUNDS_MAX) return { ...openCases, moved }
  }
}

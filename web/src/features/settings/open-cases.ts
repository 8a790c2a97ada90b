import { useQuery } from '@tanstack/react-query'
import { type Answer as Answered, call } from '../../api/client'
import type { One, Resource } from '../../api/document'
import { oneQuery } from '../../api/queries'
import type { UserAttributes } from '../../api/resources'
import { useMay } from '../../api/session'
import type { Shown } from '../../api/shapes'

type OpenCasesAttributes = Shown<'count-open-cases-of-a-user'>

/** What happens to the open cases of a deactivated person. */
export type OpenCasesChoice = 'leave' | 'unassign' | 'reassign'

/** The number of open cases of this environment that are assigned to a person. */
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

/** The most requests, enough for 100,000 cases, so that the loop always ends. */
const ROUNDS_MAX = 100

/** The precondition of a change of a person: the version that was shown. */
export const etagOf = ({ attributes }: Resource<UserAttributes>) => `"${attributes.version}"`

/** Deactivates a person and applies the choice to their open cases, 1,000 at a time until none is left. */
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

import type { QueryClient } from '@tanstack/react-query'
import { call } from './client'
import { type Session, sessionQuery, useSession } from './session'

/** The five first steps of a new user. */
export const STEPS = ['open-case', 'change-status', 'open-workflow', 'run-workflow', 'publish-workflow'] as const
export type FirstStep = (typeof STEPS)[number]

const DISMISSED = 'dismissed'

/** Records completed steps with the user, so that they are shown in every browser. */
async function note(client: QueryClient, steps: readonly (FirstStep | typeof DISMISSED)[]) {
  const known = client.getQueryData<Session>(sessionQuery.queryKey)
  const done = steps.filter((step) => known && !known.firstSteps.has(step))
  if (!known || done.length === 0) return
  const ticked = (session: Session | undefined, firstSteps: ReadonlySet<string>) =>
    session && { ...session, firstSteps }
  client.setQueryData<Session>(sessionQuery.queryKey, (session) =>
    ticked(session, new Set([...(session?.firstSteps ?? []), ...done])),
  )
  try {
    await call('post', '/session/first-steps', { body: { data: { attributes: { done } } } })
  } catch {
    // If the request fails, the step is recorded when it is next completed.
    client.setQueryData<Session>(sessionQuery.queryKey, (session) => {
      const rest = [...(session?.firstSteps ?? [])].filter((step) => !done.includes(step as FirstStep))
      return ticked(session, new Set(rest))
    })
  }
}

/** Records a completed step. */
export const markStep = (client: QueryClient, step: FirstStep) => note(client, [step])

/** Dismisses the card. */
export const dismissSteps = (client: QueryClient) => note(client, [DISMISSED])

/** The permission that each step needs. */
const PERMISSIONS: Record<FirstStep, string> = {
  'open-case': 'case.read',
  'change-status': 'case.write',
  'open-workflow': 'workflow.read',
  'run-workflow': 'workflow.trigger',
  'publish-workflow': 'workflow.write',
}

/** The steps that the user may do, the completed ones, and whether the card was dismissed. */
export function useFirstSteps(): { steps: FirstStep[]; done: ReadonlySet<string>; isDismissed: boolean } {
  const { firstSteps, permissions } = useSession()
  const steps = STEPS.filter((step) => permissions.has(PERMISSIONS[step]))
  return { steps, done: firstSteps, isDismissed: firstSteps.has(DISMISSED) }
}

/** The step that a successful call completes, if any. */
export function stepOfCall(method: string, path: string): FirstStep | undefined {
  switch (`${method} ${path}`) {
    case 'post /cases/{case-id}/set-status':
      return 'change-status'
    case 'post /workflows/{workflow-id}/trigger':
    case 'post /workflows/{workflow-id}/run':
      return 'run-workflow'
    case 'post /workflows/{workflow-id}/publish':
      return 'publish-workflow'
    default:
      return undefined
  }
}

/** The step that opening a screen completes, if any. */
export function stepOfPlace(path: string): FirstStep | undefined {
  if (/^\/cases\/case_/.test(path)) return 'open-case'
  if (/^\/workflows\/wfl_/.test(path)) return 'open-workflow'
  return undefined
}

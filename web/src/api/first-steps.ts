import { useSyncExternalStore } from 'react'

/** The five things somebody new does; each ticks itself when it was done. */
export const STEPS = ['open-case', 'change-status', 'open-workflow', 'run-workflow', 'publish-workflow'] as const
export type FirstStep = (typeof STEPS)[number]

const listeners = new Set<() => void>()

/** Kept in this browser for each person: nobody else needs to know how far they are. */
function keyOf(userId: string) {
  return `docket.first-steps.${userId}`
}

function read(userId: string): string {
  try {
    return localStorage.getItem(keyOf(userId)) ?? ''
  } catch {
    return ''
  }
}

function write(userId: string, value: string) {
  try {
    localStorage.setItem(keyOf(userId), value)
  } catch {
    // Storage is closed to us: the card stays as it is.
  }
  for (const tell of listeners) tell()
}

/** Notes that a step was done. */
export function markStep(userId: string, step: FirstStep) {
  const done = new Set(read(userId).split(' ').filter(Boolean))
  if (done.has(step)) return
  write(userId, [...done, step].join(' '))
}

/** Puts the card away. */
export function dismissSteps(userId: string) {
  write(userId, [...STEPS, DISMISSED].join(' '))
}

const DISMISSED = 'dismissed'

/** What was done, and whether the card was put away. */
export function useFirstSteps(userId: string): { done: ReadonlySet<string>; isDismissed: boolean } {
  const value = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      window.addEventListener('storage', listener)
      return () => {
        listeners.delete(listener)
        window.removeEventListener('storage', listener)
      }
    },
    () => read(userId),
  )
  const done = new Set(value.split(' ').filter(Boolean))
  return { done, isDismissed: done.has(DISMISSED) }
}

/** The step that a successful call was, if it was one. */
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

/** The step that arriving at a screen is, if it is one. */
export function stepOfPlace(path: string): FirstStep | undefined {
  if (/^\/cases\/case_/.test(path)) return 'open-case'
  if (/^\/workflows\/wfl_/.test(path)) return 'open-workflow'
  return undefined
}

import { call } from '../../../api/client'
import type { One } from '../../../api/document'

export interface Change {
  at: string
  before: unknown
  after: unknown
}

export interface Item {
  type: 'case-template' | 'workflow'
  slug: string
  name: string
  action: 'create' | 'change' | 'unchanged' | 'only-here'
  changes: Change[]
  kept: string[]
  publishes: boolean
  overwrites: boolean
}

export interface PlanProblem {
  type: 'case-template' | 'workflow'
  slug: string
  at: string
  message: string
  blocks: boolean
}

export interface Plan {
  digest: string
  changes: boolean
  applicable: boolean
  complete: boolean
  items: Item[]
  problems: PlanProblem[]
}

export interface Warning {
  workflow: string
  at: string
  message: string
}

/** The import: the text and the options. */
export interface Wanted {
  text: string
  publish: boolean
  prune: boolean
}

/** The setup of this environment as YAML, and warnings about what the bundle can't contain. */
export async function exportBundle(): Promise<{ yaml: string; warnings: Warning[] }> {
  const answer = await call<One<{ yaml: string }> & { meta: { warnings: Warning[] } }, '/bundle'>('get', '/bundle')
  return { yaml: answer.value.data.attributes.yaml, warnings: answer.value.meta.warnings }
}

/** The changes that a bundle would make here. */
export async function planBundle({ text, publish, prune }: Wanted): Promise<Plan> {
  const body = { data: { attributes: { bundle: text } }, meta: { publish, prune } }
  const answer = await call<One<Plan>, '/bundle/plan'>('post', '/bundle/plan', { body })
  return answer.value.data.attributes
}

/** Applies exactly the plan with this digest. */
export async function applyBundle({ text, publish, prune }: Wanted, plan: string): Promise<Plan> {
  const body = { data: { attributes: { bundle: text } }, meta: { publish, prune, plan } }
  const answer = await call<One<Plan>, '/bundle/apply'>('post', '/bundle/apply', { body })
  return answer.value.data.attributes
}

/** A bundle to copy from one environment to the other, in this tab. */
export interface Carried {
  text: string
  from: string
}

const PLACE = 'docket.setup-bundle'

/** Stores a bundle for the other environment; false if the browser can't. */
export function carry(carried: Carried): boolean {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(carried))
    return true
  } catch {
    return false
  }
}

/** The bundle that was copied from the other environment. */
export function carriedHere(environment: string): Carried | undefined {
  try {
    const carried = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null') as Carried | null
    return carried && carried.from !== environment ? carried : undefined
  } catch {
    return undefined
  }
}

/** Deletes it. */
export function setDown() {
  sessionStorage.removeItem(PLACE)
}

/** The differences between two definitions, for the summary before publishing and for a conflict of two drafts. */

import {
  type Definition,
  find,
  isAction,
  isChoose,
  type Json,
  type Route,
  type Step,
  stepsOf,
  type Trigger,
  titleOf,
} from './definition'

export type Difference =
  | { kind: 'trigger'; from: Trigger; to: Trigger }
  | { kind: 'output'; from: Record<string, Json>; to: Record<string, Json> }
  | { kind: 'added' | 'removed' | 'moved'; id: string; title: string; type: string | null }
  | { kind: 'changed'; id: string; title: string; type: string | null; what: Change[] }

export type Change =
  | { part: 'name'; from: string; to: string }
  | { part: 'type'; from: string | null; to: string | null }
  | { part: 'input'; input: string; from: unknown; to: unknown }
  | { part: 'on-error'; to: 'stop' | 'continue' }
  | { part: 'disabled'; to: boolean }
  | { part: 'routes'; from: Route[]; to: Route[] }

/** The differences from one definition to another, in the order of the latter. */
export function differences(from: Definition, to: Definition): Difference[] {
  const told: Difference[] = []
  if (!same(from.trigger, to.trigger)) told.push({ kind: 'trigger', from: from.trigger, to: to.trigger })
  const moved = movedSteps(from, to)
  for (const { step } of stepsOf(to)) {
    const about = { id: step.id, title: titleOf(step), type: typeOf(step) }
    const before = find(from, step.id)
    if (!before) {
      told.push({ kind: 'added', ...about })
      continue
    }
    const what = changes(before.step, step)
    if (what.length > 0) told.push({ kind: 'changed', ...about, what })
    else if (moved.has(step.id)) told.push({ kind: 'moved', ...about })
  }
  for (const { step } of stepsOf(from)) {
    if (!find(to, step.id)) told.push({ kind: 'removed', id: step.id, title: titleOf(step), type: typeOf(step) })
  }
  if (!same(from.output ?? {}, to.output ?? {}))
    told.push({ kind: 'output', from: from.output ?? {}, to: to.output ?? {} })
  return told
}

const typeOf = (step: Step) => (isAction(step) ? step.do : null)

/** The steps of both definitions that are in another list, or out of the order of the other steps. */
function movedSteps(from: Definition, to: Definition): Set<string> {
  const places = (definition: Definition) =>
    new Map(Array.from(stepsOf(definition), ({ step, place }) => [step.id, JSON.stringify(place.list)]))
  const [before, after] = [places(from), places(to)]
  const moved = new Set<string>()
  const lists = new Map<string, { before: string[]; after: string[] }>()
  const list = (path: string) => lists.get(path) ?? lists.set(path, { before: [], after: [] }).get(path)
  for (const [id, path] of before) if (after.get(id) === path) list(path)?.before.push(id)
  for (const [id, path] of after) {
    if (before.get(id) === path) list(path)?.after.push(id)
    else if (before.has(id)) moved.add(id)
  }
  for (const { before, after } of lists.values()) {
    const kept = new Set(longestCommon(before, after))
    for (const id of after) if (!kept.has(id)) moved.add(id)
  }
  return moved
}

/** The longest common subsequence of two lists. */
function longestCommon(one: string[], other: string[]): string[] {
  const lengths = Array.from({ length: one.length + 1 }, () => new Array<number>(other.length + 1).fill(0))
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0
  for (let row = one.length - 1; row >= 0; row -= 1) {
    for (let column = other.length - 1; column >= 0; column -= 1) {
      const line = lengths[row] as number[]
      line[column] =
        one[row] === other[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1))
    }
  }
  const common: string[] = []
  for (let row = 0, column = 0; row < one.length && column < other.length; ) {
    const item = one[row]
    if (item !== undefined && item === other[column]) {
      common.push(item)
      row += 1
      column += 1
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1
    else column += 1
  }
  return common
}

function changes(from: Step, to: Step): Change[] {
  const what: Change[] = []
  if (titleOf(from) !== titleOf(to)) what.push({ part: 'name', from: titleOf(from), to: titleOf(to) })
  if (typeOf(from) !== typeOf(to)) what.push({ part: 'type', from: typeOf(from), to: typeOf(to) })
  if ((from.disabled ?? false) !== (to.disabled ?? false)) what.push({ part: 'disabled', to: to.disabled ?? false })
  if (isAction(from) && isAction(to)) {
    const inputs = new Set([...Object.keys(from.with ?? {}), ...Object.keys(to.with ?? {})])
    for (const input of inputs) {
      const [before, after] = [from.with?.[input], to.with?.[input]]
      if (!same(before, after)) what.push({ part: 'input', input, from: before, to: after })
    }
    const [before, after] = [from.on_error ?? 'stop', to.on_error ?? 'stop']
    if (before !== after) what.push({ part: 'on-error', to: after })
  }
  if (isChoose(from) && isChoose(to)) {
    const shape = (step: typeof from) => step.choose.map(({ label, when }) => [label, when ?? null])
    if (!same(shape(from), shape(to))) what.push({ part: 'routes', from: from.choose, to: to.choose })
  }
  return what
}

/** Whether two values are equal, regardless of the order of their members. */
export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const [mine, theirs] = [one as Record<string, unknown>, other as Record<string, unknown>]
  const members = new Set([...Object.keys(mine), ...Object.keys(theirs)])
  return [...members].every((member) => same(mine[member], theirs[member]))
}

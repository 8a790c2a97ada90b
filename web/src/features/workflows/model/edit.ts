/** Edits: each returns a new definition and reuses the unchanged parts, so that unchanged cards are not drawn again. */

import {
  type Action,
  type Choose,
  type Condition,
  type Definition,
  find,
  isChoose,
  type ListPath,
  type Place,
  type Route,
  type Step,
  stepsOf,
} from './definition'

/** A definition with the list at this path replaced. */
function withList(definition: Definition, list: ListPath, change: (steps: Step[]) => Step[]): Definition {
  if (list === null) return { ...definition, steps: change(definition.steps) }
  return replace(definition, list.step, (step) => {
    if (!isChoose(step)) return step
    return {
      ...step,
      choose: step.choose.map((route, at) => (at === list.route ? { ...route, steps: change(route.steps) } : route)),
    }
  })
}

/** A definition with the step of this id replaced. */
export function replace(definition: Definition, id: string, change: (step: Step) => Step): Definition {
  const within = (steps: Step[]): Step[] => {
    let changed = false
    const next = steps.map((step) => {
      const after = step.id === id ? change(step) : inside(step)
      changed ||= after !== step
      return after
    })
    return changed ? next : steps
  }
  const inside = (step: Step): Step => {
    if (!isChoose(step)) return step
    let changed = false
    const choose = step.choose.map((route) => {
      const steps = within(route.steps)
      changed ||= steps !== route.steps
      return steps === route.steps ? route : { ...route, steps }
    })
    return changed ? { ...step, choose } : step
  }
  const steps = within(definition.steps)
  return steps === definition.steps ? definition : { ...definition, steps }
}

/** Inserts a step at a place. */
export function insert(definition: Definition, place: Place, step: Step): Definition {
  return withList(definition, place.list, (steps) => [
    ...steps.slice(0, place.index),
    step,
    ...steps.slice(place.index),
  ])
}

/** Removes a step, with everything in its routes. */
export function remove(definition: Definition, id: string): Definition {
  const found = find(definition, id)
  if (!found) return definition
  return withList(definition, found.place.list, (steps) => steps.filter((step) => step.id !== id))
}

/** Moves a step up or down in its list; at the end of the list it stays. */
export function move(definition: Definition, id: string, by: -1 | 1): Definition {
  const found = find(definition, id)
  if (!found) return definition
  return withList(definition, found.place.list, (steps) => moved(steps, found.place.index, by))
}

function moved<Item>(items: Item[], from: number, by: number): Item[] {
  const to = from + by
  const item = items[from]
  if (item === undefined || to < 0 || to >= items.length) return items
  const rest = items.filter((_, at) => at !== from)
  return [...rest.slice(0, to), item, ...rest.slice(to)]
}

/** Inserts a copy of a step after it, with new ids throughout. */
export function duplicate(definition: Definition, id: string): { definition: Definition; id: string } | undefined {
  const found = find(definition, id)
  if (!found) return undefined
  const taken = idsOf(definition)
  const copy = withNewIds(found.step, taken)
  const place = { list: found.place.list, index: found.place.index + 1 }
  return { definition: insert(definition, place, copy), id: copy.id }
}

/** A copy of a step with unused ids; references inside the copy use the new ids. */
export function withNewIds(step: Step, taken: Set<string>): Step {
  const renamed = new Map<string, string>()
  const rename = (step: Step): Step => {
    const id = freeId(step.id.replace(/_\d+$/, ''), taken)
    taken.add(id)
    renamed.set(step.id, id)
    if (!isChoose(step)) return { ...step, id }
    return { ...step, id, choose: step.choose.map((route) => ({ ...route, steps: route.steps.map(rename) })) }
  }
  const copy = rename(step)
  return JSON.parse(JSON.stringify(copy), (member, value) =>
    typeof value === 'string' ? redirected(member, value, renamed) : value,
  )
}

/** A text with the references to renamed steps replaced: `{ref: …}`, a row's field, `{{ … }}`. */
function redirected(member: string, text: string, renamed: Map<string, string>): string {
  const root = (path: string) => path.replace(/^\s*[a-z][a-z0-9_]*/i, (id) => renamed.get(id.trim()) ?? id)
  if (member === 'ref' || member === 'field') return root(text)
  return text.replace(/\{\{\s*([^}]*?)\s*\}\}/g, (_, path: string) => `{{${root(path)}}}`)
}

/** The ids of all steps. */
export function idsOf(definition: Definition): Set<string> {
  return new Set(Array.from(stepsOf(definition), ({ step }) => step.id))
}

/** Words that can't be ids of steps, because they are roots of references. */
const RESERVED = new Set(['trigger'])

/** An unused id made from a name, in snake case. */
export function freeId(name: string, taken: Set<string>): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 48)
  const base = /^[a-z]/.test(plain) ? plain : `step_${plain}`.replace(/_+$/, '')
  if (!taken.has(base) && !RESERVED.has(base)) return base
  for (let number = 2; ; number += 1) if (!taken.has(`${base}_${number}`)) return `${base}_${number}`
}

/** An unused name: the stem with the first unused number. */
export function freeName(stem: string, taken: string[]): string {
  for (let number = taken.length + 1; ; number += 1) {
    const name = `${stem}_${number}`
    if (!taken.includes(name)) return name
  }
}

/** A new step of a step type, with the catalogue's name. */
export function newAction(
  definition: Definition,
  type: { key: string; label: string },
  inputs: Action['with'] = {},
): Action {
  return { id: freeId(type.label, idsOf(definition)), name: type.label, do: type.key, with: inputs }
}

/** A new conditional with one route and an Else. */
export function newChoose(definition: Definition, words: { name: string; route: string; otherwise: string }): Choose {
  const id = freeId(words.name, idsOf(definition))
  return { id, name: words.name, choose: [newRoute(words.route), { label: words.otherwise, steps: [] }] }
}

/** A route without a condition yet. */
export function newRoute(label: string): Route {
  return { label, when: { any: [{ all: [] }] }, steps: [] }
}

/** Whether a route is the Else: the last one, without a condition. */
export const isElse = (step: Choose, route: number) =>
  route === step.choose.length - 1 && step.choose[route]?.when === undefined

/** Adds a route before the Else. */
export function addRoute(definition: Definition, id: string, label: string): Definition {
  return changeChoose(definition, id, (step) => {
    const end = isElse(step, step.choose.length - 1) ? step.choose.length - 1 : step.choose.length
    return [...step.choose.slice(0, end), newRoute(label), ...step.choose.slice(end)]
  })
}

/** Changes a route. */
export function changeRoute(
  definition: Definition,
  id: string,
  at: number,
  change: (route: Route) => Route,
): Definition {
  return changeChoose(definition, id, (step) =>
    step.choose.map((route, index) => (index === at ? change(route) : route)),
  )
}

/** Removes a route, with its steps. The Else stays. */
export function removeRoute(definition: Definition, id: string, at: number): Definition {
  return changeChoose(definition, id, (step) =>
    isElse(step, at) ? step.choose : step.choose.filter((_, index) => index !== at),
  )
}

/** Moves a route; the Else stays last. */
export function moveRoute(definition: Definition, id: string, at: number, by: -1 | 1): Definition {
  return changeChoose(definition, id, (step) => {
    return isElse(step, at) || isElse(step, at + by) ? step.choose : moved(step.choose, at, by)
  })
}

function changeChoose(definition: Definition, id: string, change: (step: Choose) => Route[]): Definition {
  return replace(definition, id, (step) => (isChoose(step) ? { ...step, choose: change(step) } : step))
}

/**
 * A condition in the form's shape: groups of which at least one must hold, each of rows that must all hold. `undefined`
 * for any other shape (a `not`, deeper nesting), which the form shows as text instead of losing it.
 */
export function groupsOf(
  condition: Condition | undefined,
): { field: string; is: string; value?: unknown }[][] | undefined {
  if (condition === undefined) return []
  const rows = (part: Condition) => {
    if ('field' in part) return [part]
    if ('all' in part && part.all.every((row) => 'field' in row)) return part.all as { field: string; is: string }[]
    return undefined
  }
  if ('any' in condition) {
    const groups = condition.any.map(rows)
    return groups.every((group) => group !== undefined) ? (groups as { field: string; is: string }[][]) : undefined
  }
  const one = rows(condition)
  return one && [one]
}

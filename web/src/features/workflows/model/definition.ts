/**
 * A workflow's definition as the API has it: a tree of steps. Everything in this folder is pure: an edit takes a
 * definition and returns a new one, so undo returns to the previous one.
 */

export type Json = null | boolean | number | string | Json[] | { [member: string]: Json }

export type Definition = { trigger: Trigger; steps: Step[]; output?: Record<string, Json> }

export type Trigger = {
  on: string[]
  /** The origin that events must have: `docket`, `sources`, or `source:` and a name. */
  origin?: string[]
  where?: Condition
  parameters?: Parameter[]
  allow_reentry?: boolean
}

export type Parameter = { name: string; type: string; required?: boolean; label?: string; description?: string }

/** A step of the catalogue, with its inputs. */
export type Action = {
  id: string
  name?: string
  do: string
  with?: Record<string, Json>
  on_error?: 'stop' | 'continue'
  disabled?: boolean
}

/** A conditional: the first route whose condition holds is taken; the last one, Else, has none. */
export type Choose = { id: string; name?: string; choose: Route[]; disabled?: boolean }

export type Step = Action | Choose

export type Route = { label: string; when?: Condition; steps: Step[] }

export type Condition = { all: Condition[] } | { any: Condition[] } | { not: Condition } | Row

export type Row = { field: string; is: string; value?: Json }

export const isAction = (step: Step): step is Action => 'do' in step

export const isChoose = (step: Step): step is Choose => 'choose' in step

export const isRow = (condition: Condition): condition is Row => 'field' in condition

/** The title of a step. */
export const titleOf = (step: Step) => step.name ?? step.id

/** A list of steps: the top one, or that of a route of a conditional. */
export type ListPath = null | { step: string; route: number }

/** A place between two steps, which is a circle on the screen: before the step at `index` of a list. */
export type Place = { list: ListPath; index: number }

/** A step with its place. */
export type Found = { step: Step; place: Place; depth: number; pointer: string }

/** Every step of every route, in document order. */
export function* stepsOf(definition: Definition): Generator<Found> {
  yield* walk(definition.steps, null, 0, '')
}

function* walk(steps: Step[], list: ListPath, depth: number, base: string): Generator<Found> {
  for (const [index, step] of steps.entries()) {
    const pointer = `${base}/steps/${index}`
    yield { step, place: { list, index }, depth, pointer }
    if (!isChoose(step)) continue
    for (const [route, { steps: inner }] of step.choose.entries()) {
      yield* walk(inner, { step: step.id, route }, depth + 1, `${pointer}/choose/${route}`)
    }
  }
}

/** The step with this id, with its place. */
export function find(definition: Definition, id: string): Found | undefined {
  for (const found of stepsOf(definition)) if (found.step.id === id) return found
  return undefined
}

/** The steps of a list. */
export function listOf(definition: Definition, list: ListPath): Step[] {
  if (list === null) return definition.steps
  const step = find(definition, list.step)?.step
  return (step && isChoose(step) && step.choose[list.route]?.steps) || []
}

/** The subject of a problem: a step, the trigger, the output, or the whole definition. */
export type Subject = { kind: 'step'; id: string } | { kind: 'trigger' } | { kind: 'output' } | { kind: 'definition' }

/** The subject that a JSON pointer into a definition leads to: the innermost step on its path. */
export function subjectAt(definition: Definition, pointer: string): Subject {
  if (pointer.startsWith('/trigger')) return { kind: 'trigger' }
  if (pointer.startsWith('/output')) return { kind: 'output' }
  let innermost: Found | undefined
  for (const found of stepsOf(definition)) {
    if (pointer === found.pointer || pointer.startsWith(`${found.pointer}/`)) innermost = found
  }
  return innermost ? { kind: 'step', id: innermost.step.id } : { kind: 'definition' }
}

/** The parts of a pointer, unescaped. */
export const partsOf = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The value at a place of a definition. */
export function valueAt(definition: Definition, parts: string[]): Json | undefined {
  const value = parts.reduce<unknown>((held, part) => (held as Record<string, unknown> | null)?.[part], definition)
  return value as Json | undefined
}

/** The sources of a step's values: the trigger and the steps before it, level by level. */

import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { type Action, type Definition, type Parameter, type Place, titleOf } from '../model/definition'
import { stepsBefore } from '../model/references'
import { type EventType, type Reference, referencesQuery, type Schema, type StepType, typeOf } from './catalogue'
import { words } from './words'

/** A possible reference, and its members. */
export interface Entry {
  /** The whole reference, from its root. */
  path: string
  label: string
  kind: string
  objectType: string | null
  example?: unknown
  opens?: Level
}

/** The entries directly below another: requested from the server, or taken from a definition. */
export type Level =
  | { of: 'event'; event: string; base: string }
  | { of: 'object'; objectType: string; base: string }
  | { of: 'known'; entries: Entry[] }

export interface Surroundings {
  definition: Definition
  place: Place
  stepTypes: StepType[]
  eventTypes: EventType[]
}

/** The roots of the references that a step at this place may use. */
export function sourcesAt({ definition, place, stepTypes, eventTypes }: Surroundings): Entry[] {
  const trigger = triggerEntry(definition, eventTypes)
  const steps = stepsBefore(definition, place).map((step) => stepEntry(step, stepTypes))
  return trigger ? [trigger, ...steps] : steps
}

/** The trigger as a root of references. */
export function triggerEntry({ trigger }: Definition, eventTypes: EventType[]): Entry | undefined {
  const base = { path: 'trigger', label: words.trigger }
  if (trigger.on.includes('api')) {
    const entries = (trigger.parameters ?? []).map(parameterEntry)
    return { ...base, kind: 'object', objectType: null, opens: { of: 'known', entries } }
  }
  const types = new Set(trigger.on.map((name) => eventTypes.find((type) => type.name === name)?.objectType))
  const objectType = types.size === 1 ? ([...types][0] ?? null) : null
  const event = trigger.on[0]
  if (event === undefined) return undefined
  return { ...base, kind: 'object', objectType, opens: { of: 'event', event, base: 'trigger' } }
}

function parameterEntry({ name, label, type }: Parameter): Entry {
  return { path: `trigger.fields.${name}`, label: label ?? name, kind: type, objectType: null }
}

function stepEntry(step: Action, stepTypes: StepType[]): Entry {
  const output = stepTypes.find(({ key }) => key === step.do)?.output ?? {}
  const entry = entryOf(step.id, titleOf(step), output)
  if (step.on_error !== 'continue') return entry
  const error = ['code', 'title', 'details'].map((part) => {
    const label = words.errorParts[part as keyof typeof words.errorParts]
    return { path: `${step.id}.error.${part}`, label, kind: 'text', objectType: null }
  })
  const opens: Level | undefined =
    entry.opens?.of === 'known' ? { of: 'known', entries: [...entry.opens.entries, ...error] } : entry.opens
  return opens ? { ...entry, opens } : entry
}

function entryOf(path: string, label: string, schema: Schema): Entry {
  const objectType = schema['x-object'] ?? null
  if (objectType !== null)
    return { path, label, kind: 'object', objectType, opens: { of: 'object', objectType, base: path } }
  const members = Object.entries(schema.properties ?? {})
  if (members.length === 0) return { path, label, kind: KINDS[typeOf(schema) ?? ''] ?? 'any', objectType: null }
  const entries = members.map(([name, member]) => entryOf(`${path}.${name}`, words.ofName(name), member))
  return { path, label, kind: 'object', objectType: null, opens: { of: 'known', entries } }
}

const KINDS: Record<string, string> = { string: 'text', array: 'list', object: 'json' }

/** The entries of a level; `undefined` while they are loading. */
export function useLevel(level: Level | undefined): Entry[] | undefined {
  const { data } = useQuery({
    ...referencesQuery(askedOf(level ?? { of: 'known', entries: [] })),
    enabled: level?.of === 'event' || level?.of === 'object',
  })
  if (level === undefined) return []
  if (level.of === 'known') return level.entries
  return data?.data.map(({ attributes }) => below(level.base, attributes))
}

/** An entry, and the labels of the objects on its path. */
export interface Found {
  entry: Entry
  trail: string[]
}

/** The most objects on the path of a search result, and the most objects searched. */
const DEPTH_MAX = 3
const LEVELS_MAX = 24

/** These entries and everything below them, within the limits of a search. */
export function useDeep(entries: Entry[], isAsked: boolean): { found: Found[]; isComplete: boolean } {
  const client = useQueryClient()
  const known = (level: Level) =>
    level.of === 'known'
      ? level.entries
      : client
          .getQueryData<{ data: { attributes: Reference }[] }>(referencesQuery(askedOf(level)).queryKey)
          ?.data.map(({ attributes }) => below(level.base, attributes))
  const { found, wanted } = isAsked ? walked(entries, known) : { found: [], wanted: [] }
  useQueries({ queries: wanted.map((level) => referencesQuery(askedOf(level))) })
  return { found, isComplete: wanted.length === 0 }
}

function walked(entries: Entry[], known: (level: Level) => Entry[] | undefined) {
  const found: Found[] = []
  const wanted: Level[] = []
  let waiting = entries.map((entry) => ({ entry, trail: [] as string[], types: [] as string[] }))
  for (let depth = 0, levels = 0; waiting.length > 0; depth += 1) {
    const next: typeof waiting = []
    for (const { entry, trail, types } of waiting) {
      found.push({ entry, trail })
      const { opens, objectType } = entry
      // A type that is already on the path adds nothing new, such as a case of an account of a case.
      const isRound = objectType !== null && types.includes(objectType)
      if (!opens || depth >= DEPTH_MAX || isRound || levels >= LEVELS_MAX) continue
      levels += 1
      const inner = known(opens)
      if (inner === undefined) wanted.push(opens)
      const way = { trail: [...trail, entry.label], types: objectType === null ? types : [...types, objectType] }
      for (const below of inner ?? []) next.push({ entry: below, ...way })
    }
    waiting = next
  }
  return { found, wanted }
}

const askedOf = (level: Level) =>
  level.of === 'event' ? { event: level.event } : { objectType: level.of === 'object' ? level.objectType : '' }

function below(base: string, { path, label, kind, objectType, example }: Reference): Entry {
  const whole = `${base}.${path}`
  const entry = { path: whole, label, kind, objectType, example }
  return objectType === null ? entry : { ...entry, opens: { of: 'object', objectType, base: whole } }
}

/** The most objects on the path of a reference. */
const HOPS_MAX = 4

/** The declared type of a reference's target, if there is one. */
export function useKind(path: string, sources: Entry[]): string | undefined {
  const root = sources.find(({ path: root }) => path === root || path.startsWith(`${root}.`))
  // Hooks can't be called in a loop that ends early, so a missing level is requested as `undefined`.
  let here: Entry | undefined = root
  let found: string | undefined = root?.path === path ? root.kind : undefined
  for (let hop = 0; hop < HOPS_MAX; hop += 1) {
    // biome-ignore lint/correctness/useHookAtTopLevel: the loop always runs the same number of times
    const level = useLevel(here?.opens)
    const next: Entry | undefined = longest(level ?? [], path)
    if (found === undefined && next?.path === path) found = next.kind
    here = next
  }
  return found
}

/** The entry with this path, or with its longest prefix. */
function longest(entries: Entry[], path: string): Entry | undefined {
  return entries
    .filter((entry) => path === entry.path || (entry.opens && path.startsWith(`${entry.path}.`)))
    .sort((one, other) => other.path.length - one.path.length)[0]
}

/** The open case of the trigger's object. */
export const OPEN_CASE = 'trigger.cases.open.first'

/** The references to an object of this type among the roots and the entries directly below them. */
export function useObjects(sources: Entry[], kind: string): Entry[] {
  const trigger = sources.find(({ path }) => path === 'trigger')
  const ofTrigger = useLevel(trigger?.opens) ?? []
  const isWanted = ({ objectType }: Entry) => objectType !== null && (kind === '*' || objectType === kind)
  return sources.flatMap((source) => {
    const inner = source === trigger ? ofTrigger : source.opens?.of === 'known' ? source.opens.entries : []
    return [source, ...inner]
      .filter(isWanted)
      .map((entry) => (entry === source ? entry : { ...entry, label: `${source.label} › ${entry.label}` }))
  })
}

const WAYS_TO_CASES = Object.keys(words.waysToCases) as (keyof typeof words.waysToCases)[]

/** The name and the type of a root of references. */
export interface Root {
  path: string
  label: string
  objectType?: string | null
}

/** The open case of an object of this type, by the name that its box shows. */
export const openCaseOf = (objectType: string) => words.openCaseOf(words.ofName(objectType).toLowerCase())

/** Whether a part of a path has its own name. */
const isShown = (part: string) => part !== '' && part !== 'fields'

/** A reference in words: the step's title instead of its id, and the labels below it. */
export function inWords(path: string, sources: Root[]): string {
  const [root = '', ...rest] = path.split('.')
  const known = sources.find((source) => source.path === root)
  if (known?.objectType && `${path}.`.startsWith(`${OPEN_CASE}.`)) {
    const below = path.slice(OPEN_CASE.length).split('.').filter(isShown)
    return [openCaseOf(known.objectType), ...below.map(words.ofName)].join(' › ')
  }
  const from = rest.indexOf('cases')
  const way = from < 0 ? [] : WAYS_TO_CASES.filter((one) => rest.slice(from).join('.').startsWith(one))
  const [cases] = way.sort((one, other) => other.length - one.length)
  const told =
    cases === undefined
      ? rest.filter(isShown).map(words.ofName)
      : [
          ...rest.slice(0, from).map(words.ofName),
          words.waysToCases[cases],
          ...rest
            .slice(from + cases.split('.').length)
            .filter(isShown)
            .map(words.ofName),
        ]
  return [known?.label ?? root, ...told].join(' › ')
}

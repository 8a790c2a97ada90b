/** Where a step's values can come from: the trigger and the steps before it, level by level. */

import { useQuery } from '@tanstack/react-query'
import { type Action, type Definition, type Parameter, type Place, titleOf } from '../model/definition'
import { stepsBefore } from '../model/references'
import { type EventType, type Reference, referencesQuery, type Schema, type StepType, typeOf } from './catalogue'
import { words } from './words'

/** Something that can be referred to, and what lies below it. */
export interface Entry {
  /** The whole reference, from its root. */
  path: string
  label: string
  kind: string
  objectType: string | null
  example?: unknown
  opens?: Level
}

/** The things directly below another: asked of the server, or known from a definition. */
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

/** The roots of all references that a step in this place may make. */
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

/** The entries of a level; nothing while they are on their way. */
export function useLevel(level: Level | undefined): Entry[] | undefined {
  const asked =
    level?.of === 'event' ? { event: level.event } : { objectType: level?.of === 'object' ? level.objectType : '' }
  const { data } = useQuery({ ...referencesQuery(asked), enabled: level?.of === 'event' || level?.of === 'object' })
  if (level === undefined) return []
  if (level.of === 'known') return level.entries
  return data?.data.map(({ attributes }) => below(level.base, attributes))
}

function below(base: string, { path, label, kind, objectType, example }: Reference): Entry {
  const whole = `${base}.${path}`
  const entry = { path: whole, label, kind, objectType, example }
  return objectType === null ? entry : { ...entry, opens: { of: 'object', objectType, base: whole } }
}

/** The references at hand that lead to an object of this kind: a root itself, or what lies directly below one. */
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

/** A reference in words: the step's title instead of its id, and what lies below it. */
export function inWords(path: string, sources: { path: string; label: string }[]): string {
  const [root = '', ...rest] = path.split('.')
  const known = sources.find((source) => source.path === root)
  return [known?.label ?? root, ...rest.filter((part) => part !== 'fields').map(words.ofName)].join(' › ')
}

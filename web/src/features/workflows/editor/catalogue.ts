/** What the editor knows of the server: step types, events, and what can be referred to. None of it is written here. */

import { useQuery } from '@tanstack/react-query'
import { wholeQuery } from '../../../api/queries'
import type { StepTypeAttributes } from '../../../api/resources'
import type { Json } from '../model/definition'
import { words } from './words'

/** As much of JSON Schema as step types use. */
export interface Schema {
  type?: string | string[]
  title?: string
  description?: string
  properties?: Record<string, Schema>
  items?: Schema
  required?: string[]
  enum?: Json[]
  /** What the form draws for it. */
  'x-widget'?: string
  /** The kind of object it is; `*` for any. */
  'x-object'?: string
}

export interface StepType extends Omit<StepTypeAttributes, 'config' | 'output'> {
  key: string
  config: Schema
  output: Schema
}

export interface EventType {
  name: string
  label: string
  group: string
  objectType: string
  /** Who records it: this installation, or vendors, of objects that exist here or do not. */
  origin: 'docket' | 'vendor' | 'elsewhere'
}

/** One thing that can be referred to below another. */
export interface Reference {
  path: string
  label: string
  kind: string
  objectType: string | null
  example: unknown
}

const stepTypesQuery = wholeQuery<StepTypeAttributes, '/step-types'>(['step-type'], '/step-types', {})

const eventTypesQuery = wholeQuery<Omit<EventType, 'name'>, '/event-types'>(['event-type'], '/event-types', {
  query: { 'page[size]': 100 },
})

export function useStepTypes(): StepType[] | undefined {
  const { data } = useQuery({ ...stepTypesQuery, staleTime: Number.POSITIVE_INFINITY })
  return data?.data.map(({ id, attributes }) => ({ ...attributes, key: id }) as StepType)
}

export function useEventTypes(): EventType[] | undefined {
  const { data } = useQuery({ ...eventTypesQuery, staleTime: Number.POSITIVE_INFINITY })
  return data?.data.map(({ id, attributes }) => ({ ...attributes, name: id }))
}

/** What people call an event; its name where that is not known. */
export function eventInWords(name: string, eventTypes: EventType[]): string {
  return eventTypes.find((type) => type.name === name)?.label ?? name
}

/** What people call an origin of events. */
export function originInWords(origin: string): string {
  if (origin === 'docket') return words.fromDocket
  return origin === 'sources' ? words.fromSources : origin.replace(/^source:/, '')
}

/** What can be referred to of an event's object, or of an object of a type: one level of it. */
export function referencesQuery(of: { event: string } | { objectType: string }) {
  const query = 'event' in of ? { 'filter[event]': of.event } : { 'filter[object-type]': of.objectType }
  return wholeQuery<Reference, '/references'>(['reference', of], '/references', { query })
}

/** The type that a schema's values have, apart from being absent. */
export function typeOf(schema: Schema): string | undefined {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  return types.find((type) => type !== 'null')
}

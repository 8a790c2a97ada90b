/** The editor's data from the server: step types, events, and possible references. None of it is hard-coded. */

import { useQuery } from '@tanstack/react-query'
import { wholeQuery } from '../../../api/queries'
import type { StepTypeAttributes } from '../../../api/resources'
import type { Json } from '../model/definition'
import { words } from './words'

/** The subset of JSON Schema that step types use. */
export interface Schema {
  type?: string | string[]
  title?: string
  description?: string
  properties?: Record<string, Schema>
  items?: Schema
  required?: string[]
  enum?: Json[]
  /** The widget of the form. */
  'x-widget'?: string
  /** The type of object; `*` for any. */
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
  /** What records it: this installation, or vendors, about objects that exist here or not. */
  origin: 'docket' | 'vendor' | 'elsewhere'
}

/** One possible reference below another. */
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

/** The label of an event; its name if the event is unknown. */
export function eventInWords(name: string, eventTypes: EventType[]): string {
  return eventTypes.find((type) => type.name === name)?.label ?? name
}

/** The labels of the origins that are not one source. */
export const kindsOfOrigin: ReadonlyMap<string, string> = new Map([
  ['docket', words.fromDocket],
  ['people', words.fromPeople],
  ['api-keys', words.fromApiKeys],
  ['workflows', words.fromWorkflows],
  ['sources', words.fromSources],
])

/** The label of an origin of events. */
export function originInWords(origin: string): string {
  return kindsOfOrigin.get(origin) ?? origin.replace(/^source:/, '')
}

/** The possible references to an event's object, or to an object of a type: one level. */
export function referencesQuery(of: { event: string } | { objectType: string }) {
  const query = 'event' in of ? { 'filter[event]': of.event } : { 'filter[object-type]': of.objectType }
  return wholeQuery<Reference, '/references'>(['reference', of], '/references', { query })
}

/** The type of a schema's values, without null. */
export function typeOf(schema: Schema): string | undefined {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  return types.find((type) => type !== 'null')
}

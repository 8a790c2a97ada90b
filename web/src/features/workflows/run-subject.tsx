import { useQueries, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from '../../api/client'
import type { Many } from '../../api/document'
import { wholeQuery } from '../../api/queries'
import type { EventAttributes } from '../../api/resources'
import { nameOfThing } from '../../forms/event-line'
import { Field, Input } from '../../ui/field'
import { Picker } from '../../ui/picker'
import { Stack } from '../../ui/stack'
import { ago } from '../../words/time'
import styles from './run-subject.module.css'
import { words } from './words'

/** An object found by the typed text. */
export interface Subject {
  id: string
  kind: string
  label: string
}

const PAUSE_MS = 250

/** The objects found by a case key, a reference id, an id or a name; `undefined` while loading or without text. */
export function useSubjects(typed: string): Subject[] | undefined {
  const [settled, setSettled] = useState('')
  const text = typed.trim()
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  const { data } = useQuery({
    queryKey: ['search', 'run', settled],
    queryFn: async ({ signal }) => {
      const answer = await call<Many<Omit<Subject, 'id'>>, '/search'>('get', '/search', {
        query: { q: settled.slice(0, 100) },
        signal,
      })
      const found = answer.value.data.map(({ id, attributes }) => ({ id, ...attributes }))
      return found.filter(({ kind }) => kind !== 'workflow')
    },
    enabled: settled !== '',
  })
  return settled === text && text !== '' ? data : undefined
}

interface EventFieldProps {
  names: string[]
  value: string | undefined
  onChange: (eventId: string | undefined) => void
}

/** The events that start the workflow: the recent ones, or those of the object searched for. */
export function EventField({ names, value, onChange }: EventFieldProps) {
  const [typed, setTyped] = useState('')
  const subjects = useSubjects(typed)
  const recent = useQuery(eventsQuery(names, undefined)).data?.data ?? []
  const ofSubjects = useQueries({ queries: (subjects ?? []).map(({ id }) => eventsQuery(names, id)) })
  const isSearching = typed.trim() !== ''
  const events = isSearching ? ofSubjects.flatMap(({ data }) => data?.data ?? []) : recent
  const choices = events.map(({ id, attributes }) => {
    const object = attributes.payload.data
    const known = subjects?.find((subject) => subject.id === object.id)?.label
    const name = known ?? nameOfThing(object)
    return { value: id, label: name, detail: `${attributes.name}, ${ago(new Date(attributes.createdAt), new Date())}` }
  })
  const isThere = subjects !== undefined && ofSubjects.every(({ data }) => data !== undefined)
  return (
    <Stack>
      <Field label={words.findSubject} hint={words.findSubjectHint} isOptional>
        <Input
          type="search"
          value={typed}
          maxLength={100}
          onChange={({ target }) => {
            setTyped(target.value)
            onChange(undefined)
          }}
        />
      </Field>
      {isSearching && isThere && (
        <p className={styles.found} role="status">
          {foundInWords(subjects, choices.length)}
        </p>
      )}
      <Field label={isSearching ? words.chooseOfFound : words.chooseWhat}>
        <Picker
          choices={choices}
          value={value}
          onChange={onChange}
          placeholder={words.chooseEvent}
          whenEmpty={isSearching ? words.noneOfFound : words.noEvents}
        />
      </Field>
    </Stack>
  )
}

function foundInWords(subjects: Subject[], events: number): string {
  if (subjects.length === 0) return words.nothingFound
  const labels = subjects.map(({ label }) => label).join(', ')
  return events === 0 ? words.foundWithout(labels) : words.foundWith(labels, events)
}

const eventsQuery = (names: string[], objectId: string | undefined) =>
  wholeQuery<EventAttributes, '/events'>(['event', 'list', 'recent', ...names, objectId ?? ''], '/events', {
    query: {
      'filter[name]': names.join(','),
      'page[size]': 50,
      ...(objectId === undefined ? {} : { 'filter[object-id]': objectId }),
    },
  })

/**
 * The object with a typed case key or reference, and a button that replaces the text with its id, which a step needs.
 */
export function FoundSubject({ typed, onUse }: { typed: string; onUse: (id: string) => void }) {
  const subjects = useSubjects(typed.length >= 3 ? typed : '')
  const found = subjects?.find(({ id, label }) => id !== typed && label.toLowerCase() === typed.trim().toLowerCase())
  const isId = subjects?.find(({ id }) => id === typed.trim())
  if (isId) return <span role="status">{words.isId(isId.label)}</span>
  if (!found) return null
  return (
    <span role="status">
      {words.standsFor(found.label, found.kind)}{' '}
      <button type="button" className={styles.use} onClick={() => onUse(found.id)}>
        {words.useItsId}
      </button>
    </span>
  )
}

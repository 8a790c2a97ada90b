import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { wholeQuery } from '../../../api/queries'
import type { EventAttributes } from '../../../api/resources'
import { useMay } from '../../../api/session'
import { Button } from '../../../ui/button'
import { type Choice, Picker } from '../../../ui/picker'
import type { EventType } from './catalogue'
import styles from './event-picker.module.css'
import { words } from './words'

interface EventPickerProps {
  label?: string
  eventTypes: EventType[]
  /** Events that are already chosen. */
  taken?: string[]
  value?: string | undefined
  placeholder: string
  onChange: (name: string) => void
}

/** The types of objects whose events start most workflows; they come first. */
const FIRST = ['inquiry', 'case', 'account', 'transaction', 'case-comment']

/**
 * The events to choose from: those recorded here lately, those that this installation records, and those that vendors
 * send about objects that exist here; the others on demand.
 */
export function EventPicker({ label, eventTypes, taken = [], value, placeholder, onChange }: EventPickerProps) {
  const [isWhole, setIsWhole] = useState(false)
  const recent = useRecentNames()
  const choices = choicesOf(
    eventTypes.filter(({ name }) => !taken.includes(name)),
    recent,
    isWhole || (value !== undefined && originOf(eventTypes, value) === 'elsewhere'),
  )
  return (
    <Picker
      {...(label ? { label } : {})}
      placeholder={placeholder}
      choices={choices}
      value={value}
      onChange={onChange}
      footer={
        !isWhole && (
          <div className={styles.footer}>
            <Button size="small" look="quiet" onClick={() => setIsWhole(true)}>
              {words.showAllEvents}
            </Button>
          </div>
        )
      }
    />
  )
}

const originOf = (eventTypes: EventType[], name: string) => eventTypes.find((type) => type.name === name)?.origin

const GROUPS = ['recent', 'docket', 'vendor', 'elsewhere'] as const

/** The events as choices, ranked. */
export function choicesOf(eventTypes: EventType[], recent: ReadonlySet<string>, isWhole: boolean): Choice[] {
  const groupOf = (type: EventType) => (recent.has(type.name) ? 'recent' : type.origin)
  const rank = (type: EventType) => GROUPS.indexOf(groupOf(type))
  const place = ({ objectType }: EventType) => (FIRST.includes(objectType) ? FIRST.indexOf(objectType) : FIRST.length)
  return eventTypes
    .filter((type) => isWhole || groupOf(type) !== 'elsewhere')
    .sort((a, b) => rank(a) - rank(b) || place(a) - place(b) || a.name.localeCompare(b.name))
    .map((type) => ({
      value: type.name,
      label: type.label,
      detail: type.name,
      group: words.eventGroups[groupOf(type)],
      // Vendors use both spellings.
      synonyms: [type.name, ...(type.label.includes('canceled') ? [type.label.replace('canceled', 'cancelled')] : [])],
    }))
}

/** The names of the events recorded here last. */
function useRecentNames(): ReadonlySet<string> {
  const { data } = useQuery({
    ...wholeQuery<EventAttributes, '/events'>(['event', 'names'], '/events', { query: { 'page[size]': 100 } }),
    enabled: useMay('event.read'),
    staleTime: 60_000,
  })
  return new Set(data?.data.map(({ attributes }) => attributes.name))
}

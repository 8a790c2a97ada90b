import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ArrowRight, Box, FolderClosed, Search, Workflow } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useId, useRef, useState } from 'react'
import { useSession } from '../../api/session'
import { useAllCommands } from '../../ui/commands'
import { useOpener } from '../../ui/dialog'
import { Keys } from '../../ui/kbd'
import { matches, stepTo } from '../../ui/list-keys'
import { allPlaces } from '../navigation'
import { words } from '../words'
import styles from './palette.module.css'
import { placeOf, searchQuery } from './search'
import { SYNONYMS } from './synonyms'

interface Entry {
  id: string
  label: string
  detail?: string
  group: string
  icon: ReactNode
  keys?: string | undefined
  run: () => void
}

const SHOWN_MAX = 40

/** One search box: screens, commands of the screen, and the server's results. */
export function Palette({ onClose }: { onClose: () => void }) {
  const opener = useOpener(true)
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.scrim} />
        <Radix.Content
          className={styles.palette}
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            // The chosen command may have moved the focus already.
            if (document.activeElement === document.body) opener.current?.focus()
          }}
        >
          <Radix.Title className="visually-hidden">{words.palette}</Radix.Title>
          <Inside onClose={onClose} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function Inside({ onClose }: { onClose: () => void }) {
  const id = useId()
  const [typed, setTyped] = useState('')
  const [active, setActive] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const { entries, isSearching } = useEntries(typed)
  const here = entries[Math.min(active, entries.length - 1)]

  useEffect(() => {
    list.current?.querySelector('[data-active="true"]')?.scrollIntoView?.({ block: 'nearest' })
  })

  const choose = (entry: Entry | undefined) => {
    if (!entry) return
    onClose()
    entry.run()
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const next = stepTo(event.key, active, entries.length)
    if (next !== undefined) setActive(next)
    else if (event.key === 'Enter') choose(here)
    else return
    event.preventDefault()
  }

  return (
    <>
      <div className={styles.box}>
        <Search size={16} aria-hidden />
        <input
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={here ? `${id}-${here.id}` : undefined}
          aria-label={words.searchAnything}
          placeholder={words.searchAnything}
          value={typed}
          onKeyDown={onKeyDown}
          onChange={(event) => {
            setTyped(event.target.value)
            setActive(0)
          }}
        />
      </div>
      <div className={styles.list} role="listbox" id={id} ref={list} aria-label={words.palette} tabIndex={-1}>
        {entries.map((entry, index) => (
          <PaletteOption
            key={entry.id}
            id={`${id}-${entry.id}`}
            entry={entry}
            isActive={entry === here}
            hasHeading={entry.group !== entries[index - 1]?.group}
            onPoint={() => setActive(index)}
            onChoose={() => choose(entry)}
          />
        ))}
      </div>
      {entries.length === 0 && (
        <p className={styles.note} role="status">
          {isSearching ? words.searching : words.nothing}
        </p>
      )}
    </>
  )
}

interface OptionProps {
  id: string
  entry: Entry
  isActive: boolean
  hasHeading: boolean
  onPoint: () => void
  onChoose: () => void
}

function PaletteOption({ id, entry, isActive, hasHeading, onPoint, onChoose }: OptionProps) {
  return (
    <>
      {hasHeading && (
        <div className={styles.group} role="presentation">
          {entry.group}
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the box above handles the keys */}
      <div
        id={id}
        role="option"
        tabIndex={-1}
        aria-selected={isActive}
        data-active={isActive}
        className={styles.option}
        onPointerMove={onPoint}
        onClick={onChoose}
      >
        {entry.icon}
        <span className={styles.label}>{entry.label}</span>
        {entry.detail && <span className={styles.detail}>{entry.detail}</span>}
        {entry.keys && <Keys keys={entry.keys} />}
      </div>
    </>
  )
}

const KIND_ICONS: Record<string, ReactNode> = { case: <FolderClosed size={15} />, workflow: <Workflow size={15} /> }

function useEntries(typed: string): { entries: Entry[]; isSearching: boolean } {
  const navigate = useNavigate()
  const { permissions } = useSession()
  const commands = useAllCommands()
  const asked = useDeferredValue(typed.trim())
  const search = useQuery({ ...searchQuery(asked), enabled: asked.length > 0 })

  const reachable = allPlaces(permissions)
  const places: Entry[] = reachable.map((place) => ({
    id: place.to.replaceAll('/', '-'),
    label: place.label,
    group: words.goTo,
    icon: <ArrowRight size={15} />,
    keys: place.key && `g ${place.key}`,
    run: () => navigate({ to: place.to }),
  }))
  const own = commands.map((command) => ({ ...command, icon: command.icon ?? <ArrowRight size={15} /> }))
  // Enter opens the first result, which is a screen, not an action.
  const known = [
    ...places.map((entry, at) => ({ entry, synonyms: SYNONYMS[reachable[at]?.to ?? ''] })),
    ...own.map((entry) => ({ entry, synonyms: entry.synonyms ?? SYNONYMS[entry.id] })),
  ]
    .map(({ entry, synonyms }) => ({
      entry,
      score: Math.max(...[entry.label, ...(synonyms ?? [])].map((text) => matches(typed, text))),
    }))
    .filter(({ score }) => score > 0)
  const results: Entry[] = (typed.trim() ? (search.data ?? []) : []).flatMap(({ id, kind, label, detail }) => {
    const place = placeOf(kind, id)
    if (!place) return []
    return {
      id,
      label,
      detail,
      group: words.results,
      icon: KIND_ICONS[kind] ?? <Box size={15} />,
      run: () => navigate(place),
    }
  })
  const entries = [...results, ...known.map(({ entry }) => entry)].slice(0, SHOWN_MAX)
  return { entries, isSearching: search.isFetching }
}

import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { IconButton } from '../../../ui/button'
import { matches, stepTo } from '../../../ui/list-keys'
import { SkeletonText } from '../../../ui/states'
import styles from './reference-list.module.css'
import { type Entry, type Found, useDeep, useLevel } from './sources'
import { words } from './words'

interface ReferenceListProps {
  sources: Entry[]
  /** Only objects of this type can be selected; all others can still be opened. */
  objectType?: string | undefined
  onPick: (path: string) => void
}

/** The most entries shown of a search. */
const SHOWN_MAX = 50

/** A line of the list: an entry to open or to select, or the object itself whose members are listed. */
type Line = Found & { isWhole?: boolean }

/**
 * The typed tree of possible references, one level at a time. Up and down move, right opens an object, left goes back,
 * Enter opens or selects; typing searches this level and everything below it.
 */
export function ReferenceList({ sources, objectType, onPick }: ReferenceListProps) {
  const id = useId()
  const [trail, setTrail] = useState<Entry[]>([])
  const [typed, setTyped] = useState('')
  const [active, setActive] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const here = trail.at(-1)
  const level = useLevel(here?.opens)
  const entries = here ? level : sources
  const deep = useDeep(entries ?? [], typed.trim() !== '')

  const canPick = (entry: Entry) => {
    if (objectType === undefined) return !entry.opens && entry.path.includes('.')
    return entry.objectType === null ? entry.kind === 'text' : objectType === '*' || entry.objectType === objectType
  }
  const whole: Line[] =
    here && objectType !== undefined && canPick(here) ? [{ entry: here, trail: [], isWhole: true }] : []
  const shown: Line[] | undefined =
    typed.trim() === ''
      ? entries && [...whole, ...entries.map((entry): Line => ({ entry, trail: [] }))]
      : answering(deep.found, typed)

  useEffect(() => {
    list.current?.querySelector(`[data-index="${active}"]`)?.scrollIntoView?.({ block: 'nearest' })
  }, [active])

  const go = (next: Entry[]) => {
    setTrail(next)
    setTyped('')
    setActive(0)
  }
  const choose = ({ entry, isWhole }: Line) => {
    if (entry.opens && !isWhole) go([...trail, entry])
    else if (canPick(entry)) onPick(entry.path)
  }

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const line = shown?.[active]
    const next = stepTo(event.key, active, shown?.length ?? 0)
    const atStart = event.currentTarget.selectionStart === 0
    const atEnd = event.currentTarget.selectionStart === typed.length
    if (next !== undefined) setActive(next)
    else if (event.key === 'Enter' && line) choose(line)
    else if (event.key === 'ArrowRight' && atEnd && line?.entry.opens && !line.isWhole) go([...trail, line.entry])
    else if (event.key === 'ArrowLeft' && atStart && trail.length > 0) go(trail.slice(0, -1))
    else return
    event.preventDefault()
  }

  return (
    <>
      <div className={styles.head}>
        {here && (
          <IconButton
            label={words.back1}
            icon={<ChevronLeft size={14} />}
            size="small"
            onClick={() => go(trail.slice(0, -1))}
          />
        )}
        <input
          // biome-ignore lint/a11y/noAutofocus: the tree was just opened in order to choose
          autoFocus
          key={here?.path ?? ''}
          className={styles.search}
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={shown?.[active] ? `${id}-${active}` : undefined}
          aria-label={here ? `${here.label}: ${words.searchHere}` : words.searchHere}
          placeholder={here?.label ?? words.searchHere}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setActive(0)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {(shown === undefined || (shown.length === 0 && !deep.isComplete)) && <SkeletonText />}
      <div
        className={styles.list}
        role="listbox"
        id={id}
        ref={list}
        aria-label={here?.label ?? words.reference}
        tabIndex={-1}
      >
        {shown?.map((line, index) => (
          <div
            key={`${line.entry.path}${line.isWhole ? ' whole' : ''}`}
            className={styles.line}
            data-active={index === active}
          >
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the search box above handles the keys */}
            <div
              id={`${id}-${index}`}
              className={styles.entry}
              role="option"
              tabIndex={-1}
              data-index={index}
              aria-selected={index === active}
              onPointerMove={() => setActive(index)}
              onClick={() => choose(line)}
            >
              <span className={styles.label}>
                {line.isWhole ? words.wholeObject(words.ofName(line.entry.objectType ?? '')) : line.entry.label}
                {line.trail.length > 0 && <span className={styles.trail}>{line.trail.join(' › ')}</span>}
              </span>
              <span className={styles.kind}>{!line.isWhole && kindOf(line.entry)}</span>
            </div>
            {line.entry.opens && !line.isWhole && (
              <IconButton
                label={words.open(line.entry.label)}
                icon={<ChevronRight size={14} />}
                size="small"
                onClick={() => go([...trail, line.entry])}
              />
            )}
          </div>
        ))}
      </div>
      {shown?.length === 0 && deep.isComplete && (
        <p className={styles.nothing} role="status">
          {typed ? words.nothingFound : words.nothingHere}
        </p>
      )}
    </>
  )
}

/**
 * The results of a search, best first. Each word must match the entry or its path, and at least one the entry itself.
 */
function answering(found: Found[], typed: string): Found[] {
  const scored = found.map((one) => {
    const { label, path } = one.entry
    const own = Math.max(matches(typed, label), matches(typed, path) * 0.6)
    const along = typed.split(/\s+/).some((word) => word && matches(word, label) > 0)
    const score = Math.max(own, along ? matches(typed, [...one.trail, label].join(' ')) * 0.8 : 0)
    return { one, score: score / (1 + one.trail.length * 0.1) }
  })
  const answering = scored.filter(({ score }) => score > 0).sort((one, other) => other.score - one.score)
  return answering.slice(0, SHOWN_MAX).map(({ one }) => one)
}

function kindOf({ kind, objectType, example }: Entry): string {
  if (objectType !== null) return words.ofName(objectType)
  const shown =
    example === null || example === undefined || example === ''
      ? undefined
      : String(typeof example === 'object' ? JSON.stringify(example) : example)
  return shown === undefined
    ? (words.kinds[kind] ?? kind)
    : words.example(shown.length > 24 ? `${shown.slice(0, 23)}…` : shown)
}

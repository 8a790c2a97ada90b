import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { IconButton } from '../../../ui/button'
import { matches, stepTo } from '../../../ui/list-keys'
import { SkeletonText } from '../../../ui/states'
import styles from './reference-list.module.css'
import { type Entry, useLevel } from './sources'
import { words } from './words'

interface ReferenceListProps {
  sources: Entry[]
  /** Only objects of this kind can be picked; everything else can still be looked into. */
  objectType?: string | undefined
  onPick: (path: string) => void
}

/**
 * The typed tree of what can be referred to, a level at a time. Up and down move, right looks into an object, left goes
 * back, Enter picks; typing narrows the level.
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
  const shown = entries?.filter(
    ({ label, path }) => !typed || Math.max(matches(typed, label), matches(typed, path)) > 0,
  )

  useEffect(() => {
    list.current?.querySelector(`[data-index="${active}"]`)?.scrollIntoView?.({ block: 'nearest' })
  }, [active])

  const go = (next: Entry[]) => {
    setTrail(next)
    setTyped('')
    setActive(0)
  }
  const canPick = (entry: Entry) => {
    if (objectType === undefined) return entry.path.includes('.') || entry.objectType !== null
    return entry.objectType === null ? entry.kind === 'text' : objectType === '*' || entry.objectType === objectType
  }
  const choose = (entry: Entry) => {
    if (canPick(entry)) onPick(entry.path)
    else if (entry.opens) go([...trail, entry])
  }

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const entry = shown?.[active]
    const next = stepTo(event.key, active, shown?.length ?? 0)
    const atStart = event.currentTarget.selectionStart === 0
    const atEnd = event.currentTarget.selectionStart === typed.length
    if (next !== undefined) setActive(next)
    else if (event.key === 'Enter' && entry) choose(entry)
    else if (event.key === 'ArrowRight' && atEnd && entry?.opens) go([...trail, entry])
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
      {shown === undefined && <SkeletonText />}
      <div
        className={styles.list}
        role="listbox"
        id={id}
        ref={list}
        aria-label={here?.label ?? words.reference}
        tabIndex={-1}
      >
        {shown?.map((entry, index) => (
          <div key={entry.path} className={styles.line} data-active={index === active}>
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the search box above has the keys, and points here */}
            <div
              id={`${id}-${index}`}
              className={styles.entry}
              role="option"
              tabIndex={-1}
              data-index={index}
              aria-selected={index === active}
              onPointerMove={() => setActive(index)}
              onClick={() => choose(entry)}
            >
              <span className={styles.label}>{entry.label}</span>
              <span className={styles.kind}>{kindOf(entry)}</span>
            </div>
            {entry.opens && canPick(entry) && (
              <IconButton
                label={words.open(entry.label)}
                icon={<ChevronRight size={14} />}
                size="small"
                onClick={() => go([...trail, entry])}
              />
            )}
          </div>
        ))}
      </div>
      {shown?.length === 0 && (
        <p className={styles.nothing} role="status">
          {words.nothingHere}
        </p>
      )}
    </>
  )
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

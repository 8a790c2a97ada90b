import { ChevronDown, ChevronRight, Search } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { matches, stepTo } from '../../../ui/list-keys'
import type { StepType } from './catalogue'
import { useEditor } from './context'
import styles from './find-action.module.css'
import { StepIcon } from './step-icon'
import { words } from './words'

interface FindActionProps {
  onPick: (type: StepType) => void
}

type Line =
  | { kind: 'category'; name: string; count: number; isOpen: boolean }
  | { kind: 'type'; type: StepType; isFound: boolean }

/**
 * The search box for actions: categories that open, and type-ahead over names, synonyms and the names of inputs. Up and
 * down move, right and left open and close a category, Enter selects.
 */
export function FindAction({ onPick }: FindActionProps) {
  const { stepTypes, plan } = useEditor()
  const id = useId()
  const [typed, setTyped] = useState('')
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [active, setActive] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const lines = useMemo(() => linesOf(stepTypes, typed, open), [stepTypes, typed, open])

  useEffect(() => {
    list.current?.querySelector(`[data-index="${active}"]`)?.scrollIntoView?.({ block: 'nearest' })
  }, [active])

  const toggle = (name: string, isOpen: boolean) => {
    const next = new Set(open)
    if (isOpen) next.delete(name)
    else next.add(name)
    setOpen(next)
  }
  const take = (line: Line) => {
    if (line.kind === 'category') toggle(line.name, line.isOpen)
    else if (availability(line.type, plan) !== 'unavailable') onPick(line.type)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const line = lines[active]
    const next = stepTo(event.key, active, lines.length)
    if (next !== undefined) setActive(next)
    else if (event.key === 'Enter' && line) take(line)
    else if (event.key === 'ArrowRight' && line?.kind === 'category' && !line.isOpen) take(line)
    else if (event.key === 'ArrowLeft' && line?.kind === 'category' && line.isOpen) take(line)
    else return
    event.preventDefault()
  }

  return (
    <div className={styles.finder}>
      <div className={styles.box}>
        <Search size={14} aria-hidden />
        <input
          // biome-ignore lint/a11y/noAutofocus: the panel was just opened in order to find an action
          autoFocus
          className={styles.search}
          role="combobox"
          aria-expanded
          aria-haspopup="tree"
          aria-controls={id}
          aria-activedescendant={lines[active] ? `${id}-${active}` : undefined}
          aria-label={words.findAction}
          placeholder={words.findAction}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setActive(0)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className={styles.list} role="tree" id={id} ref={list} aria-label={words.findAction} tabIndex={-1}>
        {lines.map((line, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box above handles the keys
          <div
            key={line.kind === 'category' ? line.name : line.type.key}
            id={`${id}-${index}`}
            className={styles[line.kind]}
            role="treeitem"
            tabIndex={-1}
            data-index={index}
            data-active={index === active}
            aria-selected={index === active}
            aria-expanded={line.kind === 'category' ? line.isOpen : undefined}
            aria-disabled={(line.kind === 'type' && availability(line.type, plan) === 'unavailable') || undefined}
            onPointerMove={() => setActive(index)}
            onClick={() => take(line)}
          >
            {line.kind === 'category' ? <CategoryLine line={line} /> : <TypeLine line={line} plan={plan} />}
          </div>
        ))}
      </div>
      {lines.length === 0 && (
        <p className={styles.nothing} role="status">
          {words.noAction}
        </p>
      )}
    </div>
  )
}

function CategoryLine({ line }: { line: Line & { kind: 'category' } }) {
  return (
    <>
      {line.isOpen ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
      <span className={styles.label}>{line.name}</span>
      <span className={styles.count} aria-hidden>
        {words.categoryCount(line.count)}
      </span>
    </>
  )
}

function TypeLine({ line: { type, isFound }, plan }: { line: Line & { kind: 'type' }; plan: string }) {
  const mark = availability(type, plan)
  return (
    <>
      <StepIcon type={type.key} category={type.category} />
      <span className={styles.words}>
        <span className={styles.label}>
          {isFound && <span className={styles.path} aria-hidden>{`${type.category} › `}</span>}
          {type.label}
        </span>
        <span className={styles.hint} aria-hidden>
          {type.docs.split('\n')[0]}
          {mark !== 'available' && ` · ${mark === 'limited' ? words.limited : words.unavailable}`}
        </span>
      </span>
    </>
  )
}

/** The availability of a step type by plan. */
export function availability(type: StepType, plan: string): string {
  return type.plans[plan] ?? 'available'
}

function linesOf(types: StepType[], typed: string, open: ReadonlySet<string>): Line[] {
  if (typed.trim()) {
    const scored = types.map((type) => ({ type, score: scoreOf(type, typed) })).filter(({ score }) => score > 0)
    return scored.sort((a, b) => b.score - a.score).map(({ type }) => ({ kind: 'type', type, isFound: true }))
  }
  const categories = [...new Set(types.map(({ category }) => category))].sort()
  return categories.flatMap((name): Line[] => {
    const within = types.filter(({ category }) => category === name)
    const isOpen = open.has(name)
    const head: Line = { kind: 'category', name, count: within.length, isOpen }
    return isOpen ? [head, ...within.map((type): Line => ({ kind: 'type', type, isFound: false }))] : [head]
  })
}

function scoreOf({ label, category, synonyms, config }: StepType, typed: string): number {
  const inputs = Object.keys(config.properties ?? {}).join(' ')
  return Math.max(
    matches(typed, label) * 1.2,
    matches(typed, `${category} ${label}`),
    ...synonyms.map((synonym) => matches(typed, synonym) * 0.9),
    matches(typed, `${label} ${inputs}`) * 0.6,
  )
}

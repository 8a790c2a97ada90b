import { Braces, X } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useContext, useRef, useState } from 'react'
import { IconButton } from '../../../ui/button'
import { classes } from '../../../ui/class-names'
import { Input, useFieldControl } from '../../../ui/field'
import type { Json } from '../model/definition'
import { literal, written } from '../model/references'
import { PlaceContext, useEditor } from './context'
import { ReferenceList } from './reference-list'
import { type Entry, inWords, sourcesAt } from './sources'
import styles from './value-box.module.css'
import { words } from './words'

/** The roots of references at the place of the open form. */
export function useSources(): Entry[] {
  const { definition, stepTypes, eventTypes } = useEditor()
  const place = useContext(PlaceContext)
  return sourcesAt({ definition, place, stepTypes, eventTypes })
}

interface ValueBoxProps {
  /** Its accessible name where no Field stands around it. */
  label?: string
  value: Json | undefined
  onChange: (value: Json | undefined) => void
  /** What a literal is: decides the keyboard and how the text is read. */
  kind?: 'text' | 'number' | 'date' | 'any'
  placeholder?: string
  /** Only references are taken, as for the field of a condition. */
  onlyReference?: boolean
}

/** A box for a value: as it stands, a reference, or text with references in it. */
export function ValueBox({ label, value, onChange, kind = 'text', placeholder, onlyReference }: ValueBoxProps) {
  const { isReadOnly } = useEditor()
  const sources = useSources()
  const input = useRef<HTMLInputElement>(null)
  const now = written(value)

  const insert = (path: string) => {
    const box = input.current
    const before =
      now.kind === 'text' || now.kind === 'literal' ? textOf(now.kind === 'text' ? now.text : now.value) : ''
    if (onlyReference || before === '' || kind !== 'text') return onChange({ ref: path })
    const [from, to] = [box?.selectionStart ?? before.length, box?.selectionEnd ?? before.length]
    onChange(`${before.slice(0, from)}{{${path}}}${before.slice(to)}`)
  }

  return (
    <div className={styles.box}>
      {onlyReference ? (
        <ReferenceButton label={label} path={now.kind === 'reference' ? now.path : undefined} onPick={insert} />
      ) : now.kind === 'reference' ? (
        <ReferenceChip path={now.path} sources={sources} label={label} onClear={() => onChange(undefined)} />
      ) : (
        <Input
          ref={input}
          aria-label={label}
          value={now.kind === 'text' ? now.text : now.kind === 'literal' ? textOf(now.value) : ''}
          placeholder={placeholder}
          disabled={isReadOnly}
          inputMode={kind === 'number' ? 'decimal' : undefined}
          onChange={(event) => onChange(read(event.target.value, kind))}
        />
      )}
      {!isReadOnly && !onlyReference && <ReferenceButton isIcon onPick={insert} />}
    </div>
  )
}

/** What was typed, as a value: a number where one is wanted and typed, nothing where nothing was. */
function read(text: string, kind: ValueBoxProps['kind']): Json | undefined {
  if (text === '') return undefined
  if (text.includes('{{')) return text
  if ((kind === 'number' || kind === 'any') && /^-?\d+(\.\d+)?$/.test(text.trim()) && !/\.0*$/.test(text))
    return Number(text)
  if (kind === 'any' && (text === 'true' || text === 'false')) return text === 'true'
  return literal(text)
}

export function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

interface ReferenceChipProps {
  path: string
  sources: Entry[]
  label?: string | undefined
  onClear: () => void
}

/** A reference in words; the path itself stands in its title. */
export function ReferenceChip({ path, sources, label, onClear }: ReferenceChipProps) {
  const { isReadOnly } = useEditor()
  const control = useFieldControl()
  return (
    <span className={styles.chip} title={`${inWords(path, sources)} (${path})`}>
      <Braces size={12} aria-hidden />
      <button
        type="button"
        {...control}
        className={styles.path}
        aria-label={label && `${label}: ${inWords(path, sources)}`}
        disabled
      >
        {inWords(path, sources)}
      </button>
      {!isReadOnly && <IconButton label={words.clearReference} icon={<X size={12} />} size="small" onClick={onClear} />}
    </span>
  )
}

interface ReferenceButtonProps {
  label?: string | undefined
  /** What was picked, where the button itself shows it. */
  path?: string | undefined
  isIcon?: boolean
  /** Only objects of this kind can be picked. */
  objectType?: string
  onPick: (path: string) => void
}

/** Opens the tree of references. */
export function ReferenceButton({ label, path, isIcon, objectType, onPick }: ReferenceButtonProps) {
  const [isOpen, setIsOpen] = useState(false)
  const control = useFieldControl()
  const { isReadOnly } = useEditor()
  const sources = useSources()
  const shown = path && inWords(path, sources)
  return (
    <Popover.Root open={isOpen} onOpenChange={setIsOpen}>
      <Popover.Trigger asChild>
        {isIcon ? (
          <button type="button" className={styles.insert} aria-label={words.reference}>
            <Braces size={14} aria-hidden />
          </button>
        ) : (
          <button
            type="button"
            {...control}
            className={classes(styles.pick, shown && styles.picked)}
            aria-label={shown && label ? `${label}: ${shown}` : label}
            aria-haspopup="tree"
            title={path && `${shown} (${path})`}
            disabled={isReadOnly}
          >
            {shown && <Braces size={12} aria-hidden />}
            <span className={styles.path}>{shown ?? words.chooseField}</span>
          </button>
        )}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.popover}
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={words.reference}
        >
          <ReferenceList
            sources={sources}
            objectType={objectType}
            onPick={(path) => {
              onPick(path)
              setIsOpen(false)
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

import { Braces, X } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type RefObject, useContext, useRef, useState } from 'react'
import { IconButton } from '../../../ui/button'
import { classes } from '../../../ui/class-names'
import { Input, Select, useFieldControl } from '../../../ui/field'
import type { Json } from '../model/definition'
import { type Written, written } from '../model/references'
import { type Kind, misfit, read, textOf } from '../model/typed'
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
  /** Its accessible name outside a Field. */
  label?: string
  value: Json | undefined
  onChange: (value: Json | undefined) => void
  /**
   * The kind of a literal: determines the box and how its text is parsed. If it is undefined, the author chooses it.
   */
  kind?: Kind
  placeholder?: string
  /** Only references are allowed, as for the field of a condition. */
  onlyReference?: boolean
}

/** A box for a value: a literal, a reference, or text with references. The typed text is never changed. */
export function ValueBox({ label, value, onChange, kind = 'text', placeholder, onlyReference }: ValueBoxProps) {
  const { isReadOnly } = useEditor()
  const sources = useSources()
  const input = useRef<HTMLInputElement>(null)
  const now = written(value)
  const [said, setSaid] = useState<Kind>()
  const wanted = kind === 'any' ? (said ?? kindHere(now)) : kind
  const wrong = misfit(now.kind === 'literal' ? now.value : value, wanted)

  const insert = (path: string) => {
    const box = input.current
    const before =
      now.kind === 'text' || now.kind === 'literal' ? textOf(now.kind === 'text' ? now.text : now.value) : ''
    if (onlyReference || before === '' || wanted !== 'text') return onChange({ ref: path })
    const [from, to] = [box?.selectionStart ?? before.length, box?.selectionEnd ?? before.length]
    onChange(`${before.slice(0, from)}{{${path}}}${before.slice(to)}`)
  }
  const say = (next: Kind) => {
    setSaid(next)
    if (now.kind !== 'literal') return
    const text = textOf(now.value)
    if (next !== 'boolean') return onChange(read(text, next))
    onChange(text === 'true' || text === 'false' ? text === 'true' : undefined)
  }

  if (onlyReference) {
    return (
      <div className={styles.box}>
        <ReferenceButton label={label} path={now.kind === 'reference' ? now.path : undefined} onPick={insert} />
      </div>
    )
  }
  if (now.kind === 'reference') {
    return (
      <div className={styles.box}>
        <ReferenceChip path={now.path} sources={sources} label={label} onClear={() => onChange(undefined)} />
        {!isReadOnly && <ReferenceButton isIcon onPick={insert} />}
      </div>
    )
  }
  return (
    <div className={styles.around}>
      <div className={styles.box}>
        {kind === 'any' && (
          <Select
            className={styles.kind}
            aria-label={words.kindOf(label ?? words.value)}
            value={wanted}
            disabled={isReadOnly}
            onChange={(event) => say(event.target.value as Kind)}
          >
            {(['text', 'number', 'boolean'] as const).map((one) => (
              <option key={one} value={one}>
                {words.valueKinds[one]}
              </option>
            ))}
          </Select>
        )}
        <Typed
          input={input}
          label={label}
          kind={now.kind === 'text' ? 'text' : wanted}
          value={now.kind === 'text' ? now.text : now.kind === 'literal' ? now.value : undefined}
          placeholder={placeholder}
          isWrong={wrong !== undefined}
          onChange={onChange}
        />
        {!isReadOnly && <ReferenceButton isIcon onPick={insert} />}
      </div>
      {wrong && (
        <p className={styles.wrong} role="alert">
          {misfitInWords(wrong)}
        </p>
      )}
    </div>
  )
}

/** The kind of an existing value. */
function kindHere(now: Written): Kind {
  if (now.kind !== 'literal') return 'text'
  return typeof now.value === 'number' ? 'number' : typeof now.value === 'boolean' ? 'boolean' : 'text'
}

interface TypedProps {
  input: RefObject<HTMLInputElement | null>
  label: string | undefined
  kind: Kind
  value: Json | undefined
  placeholder: string | undefined
  isWrong: boolean
  onChange: (value: Json | undefined) => void
}

/** The box itself. A number keeps its text until the box is left: `1.50` does not become `1.5` while it is typed. */
function Typed({ input, label, kind, value, placeholder, isWrong, onChange }: TypedProps) {
  const { isReadOnly } = useEditor()
  const [raw, setRaw] = useState<string>()
  const shown = value === undefined ? '' : textOf(value)
  if (kind === 'boolean' && (value === undefined || typeof value === 'boolean')) {
    return (
      <Select
        aria-label={label}
        value={shown}
        disabled={isReadOnly}
        onChange={({ target }) => onChange(target.value === '' ? undefined : target.value === 'true')}
      >
        <option value="">{words.choose}</option>
        <option value="true">{words.yes}</option>
        <option value="false">{words.no}</option>
      </Select>
    )
  }
  const isDate = (kind === 'date' || kind === 'datetime') && (shown === '' || /^\d{4}-\d{2}-\d{2}$/.test(shown))
  const isRawKept = raw !== undefined && read(raw, kind) === value
  return (
    <Input
      ref={input}
      aria-label={label}
      aria-invalid={isWrong || undefined}
      type={isDate ? 'date' : 'text'}
      max={isDate ? '9999-12-31' : undefined}
      value={isRawKept ? raw : shown}
      placeholder={placeholder}
      disabled={isReadOnly}
      inputMode={kind === 'number' ? 'decimal' : undefined}
      onChange={(event) => {
        setRaw(event.target.value)
        onChange(read(event.target.value, kind))
      }}
      onBlur={() => setRaw(undefined)}
    />
  )
}

export const misfitInWords = (wrong: 'number' | 'large') => (wrong === 'large' ? words.tooLarge : words.noNumber)

interface ReferenceChipProps {
  path: string
  sources: Entry[]
  label?: string | undefined
  onClear: () => void
}

/** A reference in words; the path itself is its tooltip. */
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
  /** The selected reference, if the button itself shows it. */
  path?: string | undefined
  isIcon?: boolean
  /** Only objects of this type can be selected. */
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

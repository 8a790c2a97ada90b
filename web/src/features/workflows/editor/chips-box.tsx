import { X } from 'lucide-react'
import { type ClipboardEvent, type KeyboardEvent, useRef, useState } from 'react'
import { useFieldControl } from '../../../ui/field'
import type { Json } from '../model/definition'
import { written } from '../model/references'
import { itemsIn, type Kind, misfit, read, textOf } from '../model/typed'
import styles from './chips-box.module.css'
import { useEditor } from './context'
import { inWords } from './sources'
import { misfitInWords, ReferenceButton, useSources } from './value-box'
import { words } from './words'

interface ChipsBoxProps {
  label: string
  value: Json[]
  kind: Kind
  onChange: (value: Json[]) => void
}

/**
 * Several values, each a chip. Enter, a comma or leaving the box completes one; backspace in an empty box edits the
 * last one. The text being typed is always part of the value, so that everything visible is saved.
 */
export function ChipsBox({ label, value, kind, onChange }: ChipsBoxProps) {
  const { isReadOnly } = useEditor()
  const control = useFieldControl()
  const sources = useSources()
  const box = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState('')
  const [open] = openOf(typed, kind)
  const isOpen = open !== undefined && value.at(-1) === open
  const chips = isOpen ? value.slice(0, -1) : value

  const type = (text: string) => {
    // A quotation mark begins an item that may contain commas.
    const isQuoted = /^\s*"[^"]*"?\s*$/.test(text)
    const parts = isQuoted ? [] : text.split(',')
    if (parts.length > 1) {
      const last = parts.pop() ?? ''
      setTyped(last.trimStart())
      return onChange([
        ...chips,
        ...itemsIn(parts.join(',')).map((item) => read(item, kind) ?? ''),
        ...openOf(last, kind),
      ])
    }
    setTyped(text)
    onChange([...chips, ...openOf(text, kind)])
  }
  const close = () => {
    setTyped('')
    onChange([...chips, ...openOf(typed, kind)])
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter' && typed.trim() !== '') {
      event.preventDefault()
      close()
    } else if (event.key === 'Backspace' && typed === '' && chips.length > 0) {
      const last = chips.at(-1) ?? ''
      if (written(last).kind !== 'literal') return onChange(chips.slice(0, -1))
      event.preventDefault()
      setTyped(textOf(plain(last)))
    }
  }
  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    const items = itemsIn(event.clipboardData.getData('text'))
    if (items.length < 2) return
    event.preventDefault()
    setTyped('')
    onChange([...chips, ...openOf(typed, kind), ...items.map((item) => read(item, kind) ?? '')])
  }
  const wrong = chips.map((chip) => misfit(chip, kind)).find(Boolean)
  const nameOf = (item: Json) => {
    const now = written(item)
    return now.kind === 'reference' ? inWords(now.path, sources) : now.kind === 'text' ? now.text : textOf(plain(item))
  }
  return (
    <div className={styles.around} data-wide>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the text box puts the focus in it */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
      <div className={styles.box} data-off={isReadOnly} onClick={() => box.current?.focus()}>
        <ul className={styles.chips} aria-label={words.valuesOf(label)}>
          {chips.map((item, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a value may occur twice
            <li key={at} className={styles.chip} data-wrong={misfit(item, kind) !== undefined}>
              <span className={styles.name}>{nameOf(item)}</span>
              {!isReadOnly && (
                <button
                  type="button"
                  className={styles.remove}
                  aria-label={words.removeItem(nameOf(item))}
                  onClick={() => onChange(value.filter((_, index) => index !== at))}
                >
                  <X size={12} aria-hidden />
                </button>
              )}
            </li>
          ))}
        </ul>
        <input
          ref={box}
          {...control}
          className={styles.input}
          aria-label={label}
          placeholder={value.length === 0 ? words.chipsHint : undefined}
          value={typed}
          disabled={isReadOnly}
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onBlur={() => typed !== '' && close()}
        />
        {!isReadOnly && <ReferenceButton isIcon onPick={(path) => onChange([...value, { ref: path }])} />}
      </div>
      {wrong && (
        <p className={styles.wrong} role="alert">
          {misfitInWords(wrong)}
        </p>
      )}
    </div>
  )
}

/** The item that is being typed, if any. */
function openOf(text: string, kind: Kind): Json[] {
  const item = read(text.trim().replace(/^"(.*)"$/s, '$1'), kind)
  return item === undefined ? [] : [item]
}

/** A literal without its mark. */
function plain(item: Json): Json {
  const now = written(item)
  return now.kind === 'literal' ? now.value : item
}

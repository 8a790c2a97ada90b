import { Check, ChevronsUpDown } from 'lucide-react'
import { Popover } from 'radix-ui'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { classes } from './class-names'
import { useFieldControl } from './field'
import { matches, stepTo } from './list-keys'
import styles from './picker.module.css'
import { words } from './words'

export interface Choice {
  value: string
  label: string
  /** Further text, below the label. */
  detail?: string
  icon?: ReactNode
  /** The heading of its group; the choices of a group are listed together. */
  group?: string
  /** Further search terms. */
  synonyms?: string[]
  isDisabled?: boolean
}

interface PickerProps {
  /** Its accessible name outside a Field. */
  label?: string
  choices: Choice[]
  value: string | undefined
  onChange: (value: string) => void
  placeholder?: string
  disabled?: boolean
  /** The last entry of the list, such as a button to write a reference instead. */
  footer?: ReactNode
  /** Shown if there is nothing to choose. */
  whenEmpty?: string
  onOpen?: () => void
}

/** A box that opens a list to choose from: with groups, icons and type-ahead; arrows, Enter and Escape work. */
export function Picker({
  label,
  choices,
  value,
  onChange,
  placeholder,
  disabled,
  footer,
  whenEmpty,
  onOpen,
}: PickerProps) {
  const [isOpen, setIsOpen] = useState(false)
  const control = useFieldControl()
  const chosen = choices.find((choice) => choice.value === value)
  return (
    <Popover.Root
      open={isOpen}
      onOpenChange={(open) => {
        if (open) onOpen?.()
        setIsOpen(open)
      }}
    >
      <Popover.Trigger asChild>
        <button
          {...control}
          type="button"
          role="combobox"
          aria-expanded={isOpen}
          aria-haspopup="listbox"
          aria-label={label}
          disabled={disabled}
          className={styles.button}
        >
          <span className={classes(styles.value, !chosen && styles.empty)}>
            {chosen?.icon}
            {chosen?.label ?? value ?? placeholder ?? words.choose}
          </span>
          <ChevronsUpDown size={13} className={styles.sign} aria-hidden />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.popover}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
        >
          <ChoiceList
            choices={choices}
            value={value}
            whenEmpty={whenEmpty}
            onChoose={(picked) => {
              onChange(picked)
              setIsOpen(false)
            }}
          />
          {footer}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

interface ChoiceListProps {
  choices: Choice[]
  value?: string | undefined
  placeholder?: string
  whenEmpty?: string | undefined
  onChoose: (value: string) => void
}

/** The list with its type-ahead; it takes the focus. */
export function ChoiceList({ choices, value, placeholder, whenEmpty, onChoose }: ChoiceListProps) {
  const id = useId()
  const [typed, setTyped] = useState('')
  const shown = useMemo(() => found(choices, typed), [choices, typed])
  const [active, setActive] = useState(() =>
    Math.max(
      0,
      choices.findIndex((choice) => choice.value === value),
    ),
  )
  const list = useRef<HTMLDivElement>(null)

  useEffect(() => {
    list.current?.querySelector(`[data-index="${active}"]`)?.scrollIntoView?.({ block: 'nearest' })
  }, [active])

  const onKeyDown = (event: KeyboardEvent) => {
    const next = stepTo(event.key, active, shown.length)
    const here = shown[active]
    if (next !== undefined) setActive(next)
    else if (event.key === 'Enter' && here && !here.isDisabled) onChoose(here.value)
    else return
    event.preventDefault()
  }

  return (
    <>
      <input
        // biome-ignore lint/a11y/noAutofocus: the list was just opened in order to choose
        autoFocus
        className={styles.search}
        role="combobox"
        aria-expanded
        aria-controls={id}
        aria-activedescendant={shown[active] ? `${id}-${active}` : undefined}
        aria-label={placeholder ?? words.search}
        placeholder={placeholder ?? words.search}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setActive(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div
        className={styles.list}
        role="listbox"
        id={id}
        ref={list}
        aria-label={placeholder ?? words.choose}
        tabIndex={-1}
      >
        {shown.map((choice, index) => (
          <Option
            key={choice.value}
            id={`${id}-${index}`}
            index={index}
            choice={choice}
            isActive={index === active}
            isChosen={choice.value === value}
            heading={choice.group !== shown[index - 1]?.group ? choice.group : undefined}
            onChoose={onChoose}
            onPoint={setActive}
          />
        ))}
      </div>
      {shown.length === 0 && (
        <p className={styles.nothing} role="status">
          {typed ? words.noMatch : (whenEmpty ?? words.noMatch)}
        </p>
      )}
    </>
  )
}

interface OptionProps {
  id: string
  index: number
  choice: Choice
  isActive: boolean
  isChosen: boolean
  heading: string | undefined
  onChoose: (value: string) => void
  onPoint: (index: number) => void
}

function Option({ id, index, choice, isActive, isChosen, heading, onChoose, onPoint }: OptionProps) {
  return (
    <>
      {heading && (
        <div className={styles.group} role="presentation">
          {heading}
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the search box above handles the keys */}
      <div
        id={id}
        className={styles.option}
        role="option"
        tabIndex={-1}
        data-index={index}
        data-active={isActive}
        aria-selected={isChosen}
        aria-disabled={choice.isDisabled || undefined}
        onPointerMove={() => onPoint(index)}
        onClick={() => !choice.isDisabled && onChoose(choice.value)}
      >
        {choice.icon}
        <span className={styles.words}>
          <span className={styles.label}>{choice.label}</span>
          {choice.detail && <span className={styles.detail}>{choice.detail}</span>}
        </span>
        {isChosen && <Check size={14} className={styles.mark} aria-hidden />}
      </div>
    </>
  )
}

/** The choices that match what was typed, best first; groups stay together if nothing is typed. */
export function found(choices: Choice[], typed: string): Choice[] {
  if (!typed.trim()) return choices
  const scored = choices.map((choice) => ({
    choice,
    score: Math.max(
      matches(typed, [choice.group, choice.label].filter(Boolean).join(' ')),
      matches(typed, choice.label) * 1.1,
      ...(choice.synonyms ?? []).map((synonym) => matches(typed, synonym) * 0.8),
    ),
  }))
  const answering = scored.filter(({ score }) => score > 0)
  return answering.sort((a, b) => b.score - a.score).map(({ choice }) => choice)
}

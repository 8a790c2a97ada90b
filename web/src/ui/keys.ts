import { useEffect, useRef, useSyncExternalStore } from 'react'

/**
 * One keyboard shortcut, its action and its scope: a screen's own keys are listed apart from those that work
 * everywhere.
 */
export interface KeyBinding {
  /** Such as `c`, `?`, `mod+k`, or two in sequence: `g c`. */
  keys: string
  label: string
  run: () => void
  /** Also active while the focus is in a text field. */
  whileTyping?: boolean
  scope?: 'everywhere' | 'here'
}

const SEQUENCE_MS = 1200

let bindings: readonly KeyBinding[] = []
const listeners = new Set<() => void>()

function change(next: readonly KeyBinding[]) {
  bindings = next
  for (const tell of listeners) tell()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

/** All keys that work now, for the dialog of keys. */
export function useAllKeys(): readonly KeyBinding[] {
  return useSyncExternalStore(subscribe, () => bindings)
}

/** Registers keys while the component is mounted. If two have the same key, the later one wins. */
export function useKeys(own: KeyBinding[]) {
  const latest = useRef(own)
  latest.current = own
  const shape = own.map((binding) => `${binding.keys} ${binding.label}`).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: bindings are the same as long as their keys and labels are
  useEffect(() => {
    const mine = latest.current.map((binding, index) => ({ ...binding, run: () => latest.current[index]?.run() }))
    change([...bindings, ...mine])
    return () => change(bindings.filter((binding) => !mine.includes(binding)))
  }, [shape])
}

let begun: { key: string; at: number } | undefined
/** A key that triggered an action and is still down: one press is one action, and types nothing into what it opened. */
let held: string | undefined

/** The only listener to keys on the page. */
export function listenToKeys(): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return
    const pressed = spell(event)
    if (event.repeat && pressed === held) {
      event.preventDefault()
      return
    }
    if (!event.repeat) held = undefined
    const sequence = begun && event.timeStamp - begun.at < SEQUENCE_MS ? `${begun.key} ${pressed}` : undefined
    begun = undefined
    const isTyping = isTypingIn(event.target)
    const isModal =
      document.querySelector('[role="dialog"][data-state="open"], [role="menu"][data-state="open"]') !== null
    const usable = bindings.filter((binding) => binding.whileTyping || (!isTyping && !isModal))
    const found =
      usable.findLast((binding) => binding.keys === sequence) ?? usable.findLast((binding) => binding.keys === pressed)
    if (found) {
      event.preventDefault()
      held = pressed
      found.run()
    } else if (usable.some((binding) => binding.keys.startsWith(`${pressed} `))) {
      begun = { key: pressed, at: event.timeStamp }
    }
  }
  // A control may handle keys itself, but not those with Ctrl or ⌘: a checkbox handles every Enter.
  const isCommand = (event: KeyboardEvent) => event.ctrlKey || event.metaKey
  const onCommand = (event: KeyboardEvent) => isCommand(event) && onKey(event)
  const onPlain = (event: KeyboardEvent) => !isCommand(event) && onKey(event)
  window.addEventListener('keydown', onCommand, true)
  window.addEventListener('keydown', onPlain)
  return () => {
    window.removeEventListener('keydown', onCommand, true)
    window.removeEventListener('keydown', onPlain)
  }
}

/** The keys of an event in the form of bindings; a character that needs Shift has no `shift`. */
export function spell(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase()
  const isSign = event.key.length === 1 && !/[a-z0-9 ]/i.test(event.key)
  const held = [
    (event.ctrlKey || event.metaKey) && 'mod',
    event.altKey && 'alt',
    event.shiftKey && !isSign && 'shift',
  ].filter(Boolean)
  return [...held, key].join('+')
}

function isTypingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit'].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

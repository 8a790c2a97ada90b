/** What was drawn, step by step back and forth. */

export type History<Value> = { past: Value[]; present: Value; future: Value[]; merging?: string | undefined }

/** So many steps back are kept. */
const STEPS_MAX = 500

export function begin<Value>(present: Value): History<Value> {
  return { past: [], present, future: [] }
}

/**
 * Goes on to another value. Changes that follow one another with the same `merging` word, such as letters typed into one
 * box, are one step back.
 */
export function goOn<Value>(history: History<Value>, next: Value, merging?: string): History<Value> {
  if (next === history.present) return history
  const merges = merging !== undefined && merging === history.merging && history.past.length > 0
  const past = merges ? history.past : [...history.past, history.present].slice(-STEPS_MAX)
  return { past, present: next, future: [], merging }
}

export function undo<Value>(history: History<Value>): History<Value> {
  const before = history.past.at(-1)
  if (before === undefined) return history
  return { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future] }
}

export function redo<Value>(history: History<Value>): History<Value> {
  const [next, ...future] = history.future
  if (next === undefined) return history
  return { past: [...history.past, history.present], present: next, future }
}

export const canUndo = <Value>(history: History<Value>) => history.past.length > 0

export const canRedo = <Value>(history: History<Value>) => history.future.length > 0

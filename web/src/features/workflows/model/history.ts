/** The history of definitions, for undo and redo. */

export type History<Value> = { past: Value[]; present: Value; future: Value[]; merging?: string | undefined }

/** The number of undo steps kept. */
const STEPS_MAX = 500

export function begin<Value>(present: Value): History<Value> {
  return { past: [], present, future: [] }
}

/**
 * Adds a value. Consecutive changes with the same `merging` key, such as characters typed into one box, are one undo
 * step.
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

/** Typed text as a value. It stays text: a number is parsed only if a number is needed. */

import type { Json } from './definition'
import { literal } from './references'

/** The kind of value that is needed; `any` if only a run can determine it. */
export type Kind = 'text' | 'number' | 'boolean' | 'date' | 'datetime' | 'any'

/** The kind that a declared type requires. */
export function kindOf(type: string | undefined): Kind {
  switch (type) {
    case 'text':
    case 'string':
    case 'choices':
    case 'choice':
    case 'select':
      return 'text'
    case 'number':
    case 'integer':
    case 'float':
    case 'currency':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'date':
      return 'date'
    case 'datetime':
    case 'date-time':
      return 'datetime'
    default:
      return 'any'
  }
}

/**
 * A number in JSON's syntax; `undefined` for texts that only look like one: `007`, `1.`, `+1` and a number too large.
 */
export function numberIn(text: string): number | undefined {
  const trimmed = text.trim()
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(trimmed)) return undefined
  const read = Number(trimmed)
  const isExact = !Number.isInteger(read) || Number.isSafeInteger(read)
  return Number.isFinite(read) && isExact ? read : undefined
}

/** The value of text typed in a box of this kind; `undefined` for an empty box. */
export function read(text: string, kind: Kind): Json | undefined {
  if (text === '') return undefined
  if (text.includes('{{')) return text
  if (kind === 'number') return numberIn(text) ?? literal(text)
  return literal(text)
}

/** Why a value does not match its kind, as a word for a sentence; `undefined` if it matches or is a reference. */
export function misfit(value: Json | undefined, kind: Kind): 'number' | 'large' | undefined {
  if (kind !== 'number' || typeof value !== 'string' || value.includes('{{')) return undefined
  return /^-?[1-9]\d{15,}$/.test(value.trim()) ? 'large' : 'number'
}

/** A value as typed text. */
export function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * The items in a text: separated by commas or line breaks, without the space around them. An item in quotation marks
 * may contain commas.
 */
export function itemsIn(text: string): string[] {
  const items = text.match(/\s*"[^"]*"\s*(?=[,\n]|$)|[^,\n]+/g) ?? []
  return items.map((item) => item.trim().replace(/^"(.*)"$/s, '$1')).filter((item) => item !== '')
}

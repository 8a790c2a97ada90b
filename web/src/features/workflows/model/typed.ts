/** What was typed, as a value. Text stays text: only where a number is wanted is a number read. */

import type { Json } from './definition'
import { literal } from './references'

/** What a value is wanted to be; `any` if it is known only in a run. */
export type Kind = 'text' | 'number' | 'boolean' | 'date' | 'datetime' | 'any'

/** The kind that a declared type asks for. */
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

/** A number as JSON writes it, and nothing that only looks like one: `007`, `1.`, `+1` and a number too large are none. */
export function numberIn(text: string): number | undefined {
  const trimmed = text.trim()
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(trimmed)) return undefined
  const read = Number(trimmed)
  const isExact = !Number.isInteger(read) || Number.isSafeInteger(read)
  return Number.isFinite(read) && isExact ? read : undefined
}

/** What was typed in a box of this kind; nothing where nothing was. */
export function read(text: string, kind: Kind): Json | undefined {
  if (text === '') return undefined
  if (text.includes('{{')) return text
  if (kind === 'number') return numberIn(text) ?? literal(text)
  return literal(text)
}

/** What is wrong with a value for its kind, as a word for a sentence; nothing where it fits or refers to something. */
export function misfit(value: Json | undefined, kind: Kind): 'number' | 'large' | undefined {
  if (kind !== 'number' || typeof value !== 'string' || value.includes('{{')) return undefined
  return /^-?[1-9]\d{15,}$/.test(value.trim()) ? 'large' : 'number'
}

/** A value as it is typed. */
export function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * The items in a text: parted by commas or line breaks, without the space around them. An item in quotation marks may
 * hold commas.
 */
export function itemsIn(text: string): string[] {
  const items = text.match(/\s*"[^"]*"\s*(?=[,\n]|$)|[^,\n]+/g) ?? []
  return items.map((item) => item.trim().replace(/^"(.*)"$/s, '$1')).filter((item) => item !== '')
}

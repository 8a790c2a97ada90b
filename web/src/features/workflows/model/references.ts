/** The references that a step may use, and the dependencies between steps. */

import {
  type Action,
  type Definition,
  find,
  isAction,
  isChoose,
  type Json,
  listOf,
  type Place,
  type Step,
  stepsOf,
} from './definition'

/**
 * The steps whose output may exist when a run reaches a place: those before it in its list, those before the
 * conditionals around it, and those in the routes of all of these.
 */
export function stepsBefore(definition: Definition, place: Place): Action[] {
  const before: Action[] = []
  const take = (steps: Step[]) => {
    for (const step of steps) {
      if (isAction(step)) before.push(step)
      else for (const route of step.choose) take(route.steps)
    }
  }
  const outwards = (at: Place) => {
    if (at.list !== null) {
      const around = find(definition, at.list.step)
      if (around) outwards(around.place)
    }
    take(listOf(definition, at.list).slice(0, at.index))
  }
  outwards(place)
  return before
}

/** Every reference in a value: `{ref: …}`, `{{ … }}` in texts, and `field` of conditions. */
export function referencesIn(value: unknown): string[] {
  if (typeof value === 'string') return Array.from(value.matchAll(/\{\{\s*([^}]*?)\s*\}\}/g), (match) => match[1] ?? '')
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (typeof value !== 'object' || value === null) return []
  const members = value as Record<string, unknown>
  if ('literal' in members) return []
  if (typeof members.ref === 'string') return [members.ref]
  const field = typeof members.field === 'string' && 'is' in members ? [members.field] : []
  return [...field, ...Object.values(members).flatMap(referencesIn)]
}

/** The first part of a reference: `trigger`, or the id of a step. */
export const rootOf = (reference: string) => reference.split(/[.[]/, 1)[0]?.trim() ?? ''

/** The steps that refer to a step or to one in its routes, except itself and the steps in its routes. */
export function dependentsOf(definition: Definition, id: string): Step[] {
  const found = find(definition, id)
  if (!found) return []
  const ids = new Set([id])
  const within = (step: Step) => {
    if (!isChoose(step)) return
    for (const route of step.choose) {
      for (const inner of route.steps) {
        ids.add(inner.id)
        within(inner)
      }
    }
  }
  within(found.step)
  const dependents: Step[] = []
  for (const { step } of stepsOf(definition)) {
    if (ids.has(step.id)) continue
    const own = isChoose(step) ? step.choose.map((route) => route.when) : step.with
    if (referencesIn(own).some((reference) => ids.has(rootOf(reference)))) dependents.push(step)
  }
  return dependents
}

/** The form of a value. */
export type Written =
  | { kind: 'nothing' }
  | { kind: 'reference'; path: string }
  | { kind: 'text'; text: string }
  | { kind: 'literal'; value: Json }

/**
 * Distinguishes a literal, a reference and a text with references. A text that is only one `{{ … }}` is a reference.
 */
export function written(value: Json | undefined): Written {
  if (value === undefined || value === null || value === '') return { kind: 'nothing' }
  if (typeof value === 'string') {
    const alone = /^\s*\{\{\s*([^{}]+?)\s*\}\}\s*$/.exec(value)
    if (alone?.[1]) return { kind: 'reference', path: alone[1] }
    return value.includes('{{') ? { kind: 'text', text: value } : { kind: 'literal', value }
  }
  if (typeof value === 'object' && !Array.isArray(value)) {
    if (typeof value.ref === 'string') return { kind: 'reference', path: value.ref }
    if (value.literal !== undefined) return { kind: 'literal', value: value.literal }
  }
  return { kind: 'literal', value }
}

/** A literal in the form of a definition: one that contains `{{` or looks like a reference is marked as a literal. */
export function literal(value: Json): Json {
  const looksLikeMore =
    (typeof value === 'string' && value.includes('{{')) ||
    (typeof value === 'object' && value !== null && !Array.isArray(value))
  return looksLikeMore ? { literal: value } : value
}

/** A step, a condition and a change in words. */

import {
  type Condition,
  type Definition,
  isAction,
  isRow,
  type Json,
  type Route,
  type Step,
  type Trigger,
} from '../model/definition'
import { type Change, type Difference, same } from '../model/differences'
import { written } from '../model/references'
import { type EventType, eventInWords, originInWords, type StepType } from './catalogue'
import { inWords, type Root } from './sources'
import { words } from './words'

/** Names for the roots of references in a definition. */
export interface Names {
  roots: Root[]
  /** The names of values that differ from the values, such as a template's by its id. */
  known: Map<string, string>
  /** The labels of events. */
  events?: Map<string, string>
}

export function valueInWords(value: Json | undefined, names: Names): string {
  const now = written(value)
  switch (now.kind) {
    case 'nothing':
      return words.nothing
    case 'reference':
      return inWords(now.path, names.roots)
    case 'text':
      return now.text.replace(/\{\{\s*([^}]*?)\s*\}\}/g, (_, path: string) => inWords(path, names.roots))
    case 'literal':
      if (Array.isArray(now.value)) return now.value.map((item) => valueInWords(item, names)).join(', ')
      return typeof now.value === 'string' ? (names.known.get(now.value) ?? now.value) : JSON.stringify(now.value)
  }
}

/** A step in one line: the values of its required inputs. */
export function stepInWords(step: Step, type: StepType | undefined, names: Names): string {
  if (!isAction(step)) return ''
  const wanted = type?.config.required ?? Object.keys(step.with ?? {})
  const given = wanted.map((name) => step.with?.[name]).filter((value) => value !== undefined)
  return given.map((value) => valueInWords(value, names)).join(' → ')
}

export function conditionInWords(condition: Condition | undefined, names: Names): string {
  if (condition === undefined) return ''
  if (isRow(condition)) {
    const value = condition.value === undefined ? '' : ` ${valueInWords(condition.value, names)}`
    return `${inWords(condition.field, names.roots)} ${words.operators[condition.is] ?? condition.is}${value}`
  }
  if ('not' in condition) return `not (${conditionInWords(condition.not, names)})`
  const [parts, between] = 'all' in condition ? [condition.all, words.and] : [condition.any, words.or]
  // A draft may contain an invalid condition; the list of errors shows it.
  if (!Array.isArray(parts)) return ''
  return parts
    .map((part) => conditionInWords(part, names))
    .filter(Boolean)
    .join(` ${between.toLowerCase()} `)
}

export function triggerInWords({ trigger }: Definition, eventTypes: EventType[]): string {
  if (trigger.on.includes('api')) return words.triggerApi
  if (trigger.on.length === 0) return words.triggerNone
  return trigger.on.map((name) => eventInWords(name, eventTypes)).join(', ')
}

/** A difference as sentences. */
export function differenceInWords(difference: Difference, names: Names, typeLabel: (key: string) => string): string[] {
  const { change } = words
  switch (difference.kind) {
    case 'trigger':
      return triggerChangeInWords(difference.from, difference.to, names)
    case 'output':
      return membersInWords(difference.from, difference.to).map(([name, from, to]) =>
        change.outputValue(name, valueInWords(from, names), valueInWords(to, names)),
      )
    case 'added':
      return [change.added(difference.title)]
    case 'removed':
      return [change.removed(difference.title)]
    case 'moved':
      return [change.moved(difference.title)]
    case 'changed':
      return difference.what.map((what) => changeInWords(difference.title, what, names, typeLabel))
  }
}

function changeInWords(title: string, what: Change, names: Names, typeLabel: (key: string) => string): string {
  const { change } = words
  switch (what.part) {
    case 'name':
      return change.name(what.from, what.to)
    case 'type':
      return change.type(title, what.to === null ? words.conditional : typeLabel(what.to))
    case 'input': {
      const [from, to] = [valueInWords(what.from as Json, names), valueInWords(what.to as Json, names)]
      return change.input(title, words.ofName(what.input), from, to)
    }
    case 'on-error':
      return change.onError(title, what.to === 'continue')
    case 'disabled':
      return change.disabled(title, what.to)
    case 'routes':
      return routesInWords(title, what.from, what.to, names)
  }
}

/** The members that differ, with their old and new values. */
function membersInWords(
  from: Record<string, Json>,
  to: Record<string, Json>,
): [string, Json | undefined, Json | undefined][] {
  const members = [...new Set([...Object.keys(from), ...Object.keys(to)])]
  return members.filter((name) => !same(from[name], to[name])).map((name) => [name, from[name], to[name]])
}

function triggerChangeInWords(from: Trigger, to: Trigger, names: Names): string[] {
  const { change } = words
  const called = (name: string) => (name === 'api' ? words.triggerApi : (names.events?.get(name) ?? name))
  const told = [
    ...to.on.filter((name) => !from.on.includes(name)).map((name) => change.startsOn(called(name))),
    ...from.on.filter((name) => !to.on.includes(name)).map((name) => change.startsNoMore(called(name))),
  ]
  if (!same(from.where, to.where)) {
    told.push(to.where ? change.criteria(conditionInWords(to.where, names)) : change.noCriteria)
  }
  if (!same(from.origin ?? [], to.origin ?? [])) {
    const list = (to.origin ?? []).map(originInWords).join(', ')
    told.push(list ? change.origins(list) : change.noOrigins)
  }
  if (!same(from.parameters ?? [], to.parameters ?? [])) {
    const list = (to.parameters ?? []).map(({ label, name }) => label ?? name).join(', ')
    told.push(list ? change.parameters(list) : change.noParameters)
  }
  if ((from.allow_reentry ?? false) !== (to.allow_reentry ?? false))
    told.push(change.reentry(to.allow_reentry ?? false))
  return told.length > 0 ? told : [change.trigger]
}

function routesInWords(title: string, from: Route[], to: Route[], names: Names): string {
  const { change } = words
  const told = to.flatMap((route, at) => {
    const before = from.find(({ label }) => label === route.label) ?? from[at]
    if (before && before.label === route.label && same(before.when ?? null, route.when ?? null)) return []
    const condition = route.when ? conditionInWords(route.when, names) : words.always.toLowerCase()
    return [change.route(route.label, condition)]
  })
  const gone = from
    .filter(({ label }) => !to.some((route) => route.label === label))
    .map(({ label }) => change.noRoute(label))
  return [...told, ...gone].length > 0 ? `${title}: ${[...told, ...gone].join('; ')}` : change.routes(title)
}

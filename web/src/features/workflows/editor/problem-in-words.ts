/** The problems of a definition in the editor's sentences; an unknown problem keeps the server's sentence. */

import { sentence } from '../../../words/sentence'
import {
  type Definition,
  find,
  isAction,
  isChoose,
  type Json,
  partsOf,
  type Subject,
  valueAt,
} from '../model/definition'
import { type Schema, type StepType, typeOf } from './catalogue'
import { words } from './words'

interface Found {
  pointer: string
  code: string
  message: string
  subject: Subject
}

/** A sentence with a capital letter, by the code of the problem and its place. */
export function problemInWords(problem: Found, definition: Definition, stepTypes: StepType[]): string {
  const parts = partsOf(problem.pointer)
  const at = placeOf(problem, parts, definition, stepTypes)
  return SENTENCES[problem.code.replaceAll('_', '-')]?.(at) ?? sentence(problem.message)
}

interface Place {
  parts: string[]
  last: string
  /** The value at that place. */
  value: Json | undefined
  /** The input of a step that contains the place, and its schema. */
  input: string | undefined
  schema: Schema | undefined
  /** The label of the route that contains the place. */
  route: string | undefined
}

function placeOf({ subject }: Found, parts: string[], definition: Definition, stepTypes: StepType[]): Place {
  const step = subject.kind === 'step' ? find(definition, subject.id)?.step : undefined
  const after = (word: string) => parts[parts.lastIndexOf(word) + 1]
  const input = parts.includes('with') ? after('with') : undefined
  const config = step && isAction(step) ? stepTypes.find(({ key }) => key === step.do)?.config : undefined
  const route = step && isChoose(step) && parts.includes('choose') ? step.choose[Number(after('choose'))] : undefined
  return {
    parts,
    last: parts.at(-1) ?? '',
    value: valueAt(definition, parts),
    input,
    schema: config?.properties?.[input ?? ''],
    route: route?.label,
  }
}

const { problem } = words

const SENTENCES: Record<string, (at: Place) => string | undefined> = {
  'missing-input': ({ input, schema }) => {
    if (input === undefined) return undefined
    const isChosen = schema?.['x-widget'] !== undefined && typeOf(schema) !== 'array'
    return isChosen ? problem.chooseInput(words.ofName(input)) : problem.fillInput(words.ofName(input))
  },
  'missing-field': ({ last }) => problem.fillField(words.ofName(last)),
  'bad-reference': ({ last, value }) => (last === 'field' && !value ? problem.chooseField : undefined),
  missing: ({ last, parts }) => {
    if (!isInCondition(parts)) return undefined
    if (last === 'field') return problem.chooseField
    return last === 'value' ? problem.fillValue : undefined
  },
  empty: ({ parts, last, route }) => {
    if (last === 'on') return problem.chooseEvent
    if (last === 'choose') return problem.noRoutes
    if (!isInCondition(parts)) return undefined
    return route === undefined ? problem.emptyGroup : problem.emptyRoute(route)
  },
  'wrong-type': ({ last, value, parts }) => {
    if (value !== '') return undefined
    if (last === 'label') return problem.nameRoute
    return last === 'name' && parts.includes('parameters') ? problem.nameParameter : undefined
  },
  'unknown-reference': ({ last, value }) =>
    (last === 'ref' || last === 'field') && typeof value === 'string' ? problem.notThere(value) : undefined,
  'unknown-template': () => problem.noTemplate,
}

const isInCondition = (parts: string[]) => parts.includes('when') || parts.includes('where')

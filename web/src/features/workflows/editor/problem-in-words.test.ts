import { expect, test } from 'vitest'
import type { Definition } from '../model/definition'
import { subjectAt } from '../model/definition'
import type { StepType } from './catalogue'
import { problemInWords } from './problem-in-words'
import { isAsItWas } from './problems'

const TYPES = [
  {
    key: 'thing.move',
    config: {
      properties: {
        thing: { type: 'string', 'x-widget': 'object' },
        labels: { type: ['array', 'null'], 'x-widget': 'tags' },
        note: { type: 'string' },
      },
    },
  },
] as unknown as StepType[]

const drawn: Definition = {
  trigger: { on: [], parameters: [{ name: '', type: 'string' }], where: { any: [{ all: [] }] } },
  steps: [
    { id: 'move', do: 'thing.move', with: { thing: { ref: 'nothing.here' }, note: 'Nope' } },
    {
      id: 'split',
      choose: [
        { label: 'Left', when: { any: [{ all: [{ field: '', is: 'equals' }] }] }, steps: [] },
        { label: 'Right', when: { any: [{ all: [] }] }, steps: [] },
        { label: '', steps: [] },
      ],
    },
  ],
}

const said = (pointer: string, code: string, message = 'the server says so') =>
  problemInWords({ pointer, code, message, subject: subjectAt(drawn, pointer) }, drawn, TYPES)

test('a missing input is named by its label', () => {
  expect(said('/steps/0/with/thing', 'missing-input')).toBe('Thing is missing: choose one')
  expect(said('/steps/0/with/thing', 'missing_input')).toBe('Thing is missing: choose one')
  expect(said('/steps/0/with/labels', 'missing-input')).toBe('Labels is missing: enter a value')
  expect(said('/steps/0/with/note', 'missing-input')).toBe('Note is missing: enter a value')
  expect(said('/steps/0/with/fields/loan_amount', 'missing-field')).toBe(
    'The template requires the field Loan amount: enter a value',
  )
})

test('an incomplete condition says what is missing', () => {
  const row = '/steps/1/choose/0/when/any/0/all/0'

  expect(said(`${row}/field`, 'bad-reference')).toBe('Choose the field to compare')
  expect(said(`${row}/value`, 'missing')).toBe('Enter the value to compare the field with')
  expect(said('/steps/1/choose/1/when/any/0/all', 'empty')).toBe('Right has no condition: add one')
  expect(said('/steps/1/choose/2/label', 'wrong-type')).toBe('A route has no label: give it one')
})

test('an incomplete trigger says what is missing', () => {
  expect(said('/trigger/on', 'empty')).toBe('Choose an event that starts the workflow')
  expect(said('/trigger/where/any/0/all', 'empty')).toBe('A group has no condition: add one, or remove the group')
  expect(said('/trigger/parameters/0/name', 'wrong-type')).toBe('A parameter has no name: give it one')
})

test('a reference without a target is named', () => {
  expect(said('/steps/0/with/thing/ref', 'unknown-reference')).toBe(
    'It refers to nothing.here, which does not exist: choose another reference',
  )
})

test('an unknown problem keeps the server’s sentence, with a capital letter', () => {
  expect(said('/steps/0/do', 'unknown-step-type', "there is no step type 'x'")).toBe("There is no step type 'x'")
  expect(said('/steps/0/id', 'missing', 'the step has no id')).toBe('The step has no id')
  expect(said('', 'too-large')).toBe('The server says so')
})

test('problems of a place that changed since the check are hidden, and the others stay', () => {
  const changed: Definition = {
    ...drawn,
    steps: drawn.steps.map((step) => (step.id === 'move' ? { ...step, with: { note: 'Nope', thing: 'it' } } : step)),
  } as Definition

  expect(isAsItWas('/steps/0/with/thing', drawn, changed)).toBe(false)
  expect(isAsItWas('/steps/0/with/labels', drawn, changed)).toBe(true)
  expect(isAsItWas('/steps/0/with/note', drawn, changed)).toBe(true)
  expect(isAsItWas('/steps/9/with/note', drawn, changed)).toBe(true)
})

import { expect, test } from 'vitest'
import { inWords } from './sources'

const trigger = { path: 'trigger', label: 'Trigger', objectType: 'inquiry' }
const step = { path: 'open_case', label: 'Open a case' }

test('the open case of the trigger has its box’s name, and so have its members', () => {
  expect(inWords('trigger.cases.open.first', [trigger])).toBe('The inquiry’s open case')
  expect(inWords('trigger.cases.open.first.fields.amount', [trigger])).toBe('The inquiry’s open case › Amount')
})

test('other references to cases have the names of the list of references', () => {
  expect(inWords('trigger.cases.open.last', [trigger])).toBe('Trigger › Last open case')
  expect(inWords('trigger.cases.count', [trigger])).toBe('Trigger › Number of cases')
})

test('of a trigger that may be about any object, the path starts at the trigger', () => {
  const any = { ...trigger, objectType: null }
  expect(inWords('trigger.cases.open.first.status', [any])).toBe('Trigger › First open case › Status')
})

test('a reference into a step begins with its title', () => {
  expect(inWords('open_case.fields.amount', [step])).toBe('Open a case › Amount')
  expect(inWords('gone.status', [step])).toBe('gone › Status')
})

import { expect, test } from 'vitest'
import type { EventType } from './catalogue'
import { choicesOf } from './event-picker'

const type = (name: string, label: string, origin: EventType['origin']): EventType => ({
  name,
  label,
  origin,
  group: label,
  objectType: name.split('.')[0] ?? '',
})

const TYPES = [
  type('account-property.redacted', 'Account property redacted', 'elsewhere'),
  type('account.created', 'Account created', 'docket'),
  type('case.created', 'Case created', 'docket'),
  type('document.created', 'Document created', 'vendor'),
  type('inquiry.completed', 'Inquiry completed', 'vendor'),
  type('verification.canceled', 'Verification canceled', 'vendor'),
]

test('recently recorded events come first, then those that Docket records, then those of vendors', () => {
  const names = choicesOf(TYPES, new Set(['document.created']), false).map(({ value }) => value)

  expect(names).toEqual([
    'document.created',
    'case.created',
    'account.created',
    'inquiry.completed',
    'verification.canceled',
  ])
})

test('events of objects that do not exist here are shown on demand, last', () => {
  expect(choicesOf(TYPES, new Set(), true).at(-1)?.value).toBe('account-property.redacted')
})

test('both ways to write canceled find the event', () => {
  const choice = choicesOf(TYPES, new Set(), false).find(({ value }) => value === 'verification.canceled')
  expect(choice?.synonyms).toContain('Verification cancelled')
})

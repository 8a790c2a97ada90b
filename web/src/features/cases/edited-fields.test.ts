import { expect, test } from 'vitest'
import { KEY_CHARACTERS_MAX, keyFrom } from './edited-fields'

test('a key is made from a label: letters, digits and underscores, beginning with a letter', () => {
  expect(keyFrom('Source of funds')).toBe('source_of_funds')
  expect(keyFrom('  Betrag (€) / Höhe ')).toBe('betrag_hohe')
  expect(keyFrom('2nd look')).toBe('nd_look')
  expect(keyFrom('制裁')).toBe('')
  expect(keyFrom('')).toBe('')
})

test('a key from a long label is cut where keys end', () => {
  expect(keyFrom('a'.repeat(KEY_CHARACTERS_MAX + 1))).toBe('a'.repeat(KEY_CHARACTERS_MAX))
  expect(keyFrom(`${'a'.repeat(KEY_CHARACTERS_MAX - 1)} b`)).toBe('a'.repeat(KEY_CHARACTERS_MAX - 1))
})

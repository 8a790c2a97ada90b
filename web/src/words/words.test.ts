import { expect, test } from 'vitest'
import { number, plural } from './catalogue'
import { sentence } from './sentence'
import { ago, duration } from './time'

const NOW = new Date('2026-03-10T12:00:00Z')
const before = (seconds: number) => ago(new Date(NOW.getTime() - seconds * 1000), NOW)

test('a count has the form of its number, with thousands separators', () => {
  expect(plural(1, { one: '# case', other: '# cases' })).toBe('1 case')
  expect(plural(1204, { one: '# case', other: '# cases' })).toBe('1,204 cases')
  expect(number(100000)).toBe('100,000')
})

test('a recent time is relative to now, and an older one is a date', () => {
  expect(before(10)).toBe('now')
  expect(before(50)).toBe('1m ago')
  expect(before(3600 * 5)).toBe('5h ago')
  expect(before(3600 * 30)).toBe('yesterday')
  expect(before(3600 * 24 * 20)).toBe('Feb 18')
  expect(before(3600 * 24 * 400)).toBe('Feb 3, 2025')
})

test('a duration is shown in the unit that fits', () => {
  expect(duration(0.0004)).toBe('1 ms')
  expect(duration(2.34)).toBe('2.3 s')
  expect(duration(125)).toBe('2 min 5 s')
  expect(duration(7260)).toBe('2 h 1 min')
})

test('a sentence of the server begins with a capital letter when it stands alone', () => {
  expect(sentence('a password has at least 8 characters')).toBe('A password has at least 8 characters')
  expect(sentence('')).toBe('')
})

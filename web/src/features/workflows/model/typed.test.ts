import { describe, expect, it } from 'vitest'
import { itemsIn, kindOf, misfit, numberIn, read } from './typed'

describe('what is typed', () => {
  it('stays text unless a number is needed, even if it looks like one', () => {
    for (const text of [
      'IR',
      'KP',
      '0KP',
      'NO',
      '007',
      '1e5',
      '1.50',
      '0.10',
      '9007199254740993',
      'true',
      'null',
      ' x ',
    ]) {
      for (const kind of ['text', 'any', 'date'] as const) expect(read(text, kind), text).toBe(text)
    }
    expect(read('', 'text')).toBeUndefined()
  })

  it('is a number if one is needed and it can be stored exactly', () => {
    for (const [text, value] of [
      ['5', 5],
      ['-1.5', -1.5],
      ['1e5', 100_000],
      ['9007199254740991', 9_007_199_254_740_991],
    ] as const)
      expect(read(text, 'number')).toBe(value)
    for (const text of ['007', '1.', '+1', '9007199254740993', '1e999', 'KP', '1,5', '0x1', 'Infinity']) {
      expect(numberIn(text), text).toBeUndefined()
      expect(read(text, 'number'), text).toBe(text)
    }
  })

  it('says what does not fit', () => {
    expect(misfit('KP', 'number')).toBe('number')
    expect(misfit('9007199254740993', 'number')).toBe('large')
    expect(misfit(5, 'number')).toBeUndefined()
    expect(misfit('{{trigger.x}}', 'number')).toBeUndefined()
    expect(misfit('KP', 'any')).toBeUndefined()
  })

  it('is several items if commas or lines separate them', () => {
    expect(itemsIn('IR, KP, SY')).toEqual(['IR', 'KP', 'SY'])
    expect(itemsIn('IR\nKP\n')).toEqual(['IR', 'KP'])
    expect(itemsIn('"Korea, North", Iran')).toEqual(['Korea, North', 'Iran'])
    expect(itemsIn(' , ')).toEqual([])
  })

  it('has a kind for each declared type', () => {
    expect(['string', 'integer', 'date-time', 'json', undefined].map(kindOf)).toEqual([
      'text',
      'number',
      'datetime',
      'any',
      'any',
    ])
  })
})

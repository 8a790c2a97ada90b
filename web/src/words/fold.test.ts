import { describe, expect, it } from 'vitest'
import { fold } from './fold'

describe('names', () => {
  it.each([
    ['Open', ' oPEN '],
    ['Größe', 'GRO\u0308SSE'],
    ['Straße', 'STRASSE'],
    ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
    ['On hold', 'On\u00a0 hold'],
    ['Open', 'Op\u200ben'],
  ])('are the same: %s and %s', (one, other) => expect(fold(one)).toBe(fold(other)))

  it.each([
    ['e', 'é'],
    ['ı', 'i'],
    ['On hold', 'Onhold'],
  ])('differ: %s and %s', (one, other) => expect(fold(one)).not.toBe(fold(other)))
})

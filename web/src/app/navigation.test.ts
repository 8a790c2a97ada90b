import { expect, test } from 'vitest'
import { allPlaces, sections } from './navigation'
import { nearest } from './shell/navigation'

test('the current place is the longest prefix of the path', () => {
  expect(nearest('/')).toBe('/')
  expect(nearest('/cases/case_1')).toBe('/cases')
  expect(nearest('/cases/templates/ctmpl_1')).toBe('/cases/templates')
  expect(nearest('/nowhere')).toBeUndefined()
})

test('a place that a user may not read is not offered', () => {
  const places = allPlaces(new Set(['case.read'])).map((place) => place.to)

  expect(places).toContain('/cases')
  expect(places).not.toContain('/workflows')
})

test('no two places share a key', () => {
  const keys = sections.flatMap((section) => [section, ...section.places]).flatMap((place) => place.key ?? [])

  expect(new Set(keys).size).toBe(keys.length)
})

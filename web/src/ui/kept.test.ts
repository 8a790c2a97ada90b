import { act, renderHook } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { forgetKept, placeFor, useKept } from './kept'

const HERE = placeFor('user_ada', 'comment', 'case_1')

afterEach(() => localStorage.clear())

test('typed text is restored with the screen', () => {
  const first = renderHook(() => useKept<string>(HERE))
  act(() => first.result.current[1]('Called the customer'))
  first.unmount()

  const again = renderHook(() => useKept<string>(HERE))
  const another = renderHook(() => useKept<string>(placeFor('user_ben', 'comment', 'case_1')))

  expect(again.result.current[0]).toBe('Called the customer')
  expect(another.result.current[0], 'another person does not see it').toBeUndefined()
})

test('saved text is removed', () => {
  const { result } = renderHook(() => useKept<string>(HERE))
  act(() => result.current[1]('Called the customer'))

  act(() => result.current[1](undefined))

  expect(localStorage.length).toBe(0)
})

test('stored data that is broken is ignored', () => {
  localStorage.setItem(HERE, '{"half')

  const { result } = renderHook(() => useKept<string>(HERE))

  expect(result.current[0]).toBeUndefined()
})

test('text typed in another tab appears here too', () => {
  const { result } = renderHook(() => useKept<string>(HERE))

  localStorage.setItem(HERE, JSON.stringify('Called'))
  act(() => window.dispatchEvent(new StorageEvent('storage', { key: HERE })))

  expect(result.current[0]).toBe('Called')
})

test('when a person signs out, their comments are removed, and nothing else', () => {
  const statuses = placeFor('user_ada', 'statuses', 'ctmpl_1')
  for (const place of [HERE, statuses]) localStorage.setItem(place, '"x"')

  forgetKept('user_ada', 'comment')

  expect(Object.keys(localStorage)).toEqual([statuses])
})

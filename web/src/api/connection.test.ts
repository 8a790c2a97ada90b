import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let isConnected = true
let answers: () => Promise<Response>

beforeEach(() => {
  vi.resetModules()
  isConnected = true
  answers = async () => new Response('{}')
  vi.spyOn(navigator, 'onLine', 'get').mockImplementation(() => isConnected)
  vi.stubGlobal('fetch', () => answers())
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

function lose() {
  isConnected = false
  window.dispatchEvent(new Event('offline'))
}

test('a browser without a connection is offline at once, and until Docket responds', async () => {
  const { isOnline } = await import('./connection')
  answers = () => Promise.reject(new TypeError('no connection'))

  lose()
  expect(isOnline()).toBe(false)
  await Promise.resolve()
  expect(isOnline()).toBe(false)

  isConnected = true
  expect(isOnline()).toBe(true)
})

test('a Docket on the same machine is reached without a connection', async () => {
  const { isOnline } = await import('./connection')

  lose()
  expect(isOnline(), 'not known yet').toBe(false)

  await vi.waitFor(() => expect(isOnline()).toBe(true))
  answers = () => Promise.reject(new TypeError('no connection'))
  lose()
  expect(isOnline(), 'known anew each time').toBe(false)
})

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openSource, type Told } from './stream'

/** An event stream whose server is the test. */
class Source extends EventTarget {
  static readonly CLOSED = 2
  static opened: Source[] = []
  readyState = 1
  readonly address: string

  constructor(address: string) {
    super()
    this.address = address
    Source.opened.push(this)
  }

  say(name: string, data = '{}', lastEventId = '') {
    this.dispatchEvent(new MessageEvent(name, { data, lastEventId }))
  }

  refuse() {
    this.readyState = Source.CLOSED
    this.dispatchEvent(new Event('error'))
  }

  close() {
    this.readyState = Source.CLOSED
  }
}

const told: Told[] = []
const newest = () => Source.opened.at(-1) as Source

beforeEach(() => {
  told.length = 0
  Source.opened = []
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', Source)
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a refused stream is resumed where it was, after increasing delays', () => {
  const close = openSource('http://docket/stream', (one) => told.push(one))
  newest().say('ready', '{}', '7-a')
  newest().refuse()
  vi.advanceTimersByTime(1999)
  expect(Source.opened).toHaveLength(1)
  vi.advanceTimersByTime(1)
  expect(newest().address).toBe('http://docket/stream?last-event-id=7-a')
  newest().refuse()
  vi.advanceTimersByTime(3999)
  expect(Source.opened).toHaveLength(2)
  vi.advanceTimersByTime(1)

  expect(Source.opened).toHaveLength(3)
  expect(told).toContainEqual({ kind: 'state', isLive: false })
  close()
})

test('a closed stream is not opened again', () => {
  const close = openSource('http://docket/stream', (one) => told.push(one))
  newest().refuse()
  close()
  vi.advanceTimersByTime(600_000)

  expect(Source.opened).toHaveLength(1)
})

test('a session that has ended is reported, and its stream is closed', () => {
  openSource('http://docket/stream', (one) => told.push(one))
  newest().say('ended')
  vi.advanceTimersByTime(600_000)

  expect(told).toEqual([{ kind: 'ended' }])
  expect(Source.opened).toHaveLength(1)
  expect(newest().readyState).toBe(Source.CLOSED)
})

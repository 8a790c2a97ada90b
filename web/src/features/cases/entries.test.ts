import { expect, test } from 'vitest'
import { merged } from './entries'

type Events = Parameters<typeof merged>[0]
type Comments = Parameters<typeof merged>[1]

const event = (id: string, objectVersion: number, createdAt: string) => ({
  type: 'event',
  id,
  attributes: { name: 'case.updated', createdAt, context: { objectVersion } },
})
const comment = (id: string, createdAt: string) => ({ type: 'case-comment', id, attributes: { createdAt } })

test('an event stays above earlier ones after the clock was set back', () => {
  const events = [
    event('created', 1, '2026-01-01T12:00:00.000Z'),
    event('declined', 3, '2026-01-01T10:00:02.000Z'),
    event('pending', 2, '2026-01-01T10:00:01.000Z'),
  ] as unknown as Events

  const entries = merged(events, [])

  expect(entries.map((entry) => entry.kind === 'event' && entry.event.id)).toEqual(['declined', 'pending', 'created'])
})

test('a comment is ordered by its time, and events of one change by the server', () => {
  const events = [
    event('resolved', 2, '2026-01-01T10:00:02.000Z'),
    event('updated', 2, '2026-01-01T10:00:02.000Z'),
    event('created', 1, '2026-01-01T10:00:00.000Z'),
  ] as unknown as Events
  const comments = [comment('late', '2026-01-01T10:00:05.000Z'), comment('early', '2026-01-01T10:00:01.000Z')]

  const entries = merged(events, comments as unknown as Comments)

  const ids = entries.map((entry) => (entry.kind === 'event' ? entry.event.id : entry.comment.id))
  expect(ids).toEqual(['late', 'resolved', 'updated', 'early', 'created'])
})

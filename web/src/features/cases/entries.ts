/** The entries of a case's timeline, and their order. */

import type { Resource } from '../../api/document'
import type { EventAttributes } from '../../api/resources'
import type { Shown } from '../../api/shapes'

export type CommentAttributes = Shown<'list-comments-of-a-case'>

export type Entry =
  | { kind: 'event'; at: string; event: Resource<EventAttributes> }
  | { kind: 'comment'; at: string; comment: Resource<CommentAttributes> }

/**
 * Newest first. Events are ordered by the case's count of changes, because the clock may have been set back. A comment
 * does not change the case, so it is ordered by its time.
 */
export function merged(events: Resource<EventAttributes>[], comments: Resource<CommentAttributes>[]): Entry[] {
  const entries = events
    .toSorted((one, other) => changesOf(other) - changesOf(one))
    .map((event): Entry => ({ kind: 'event', at: event.attributes.createdAt, event }))
  for (const comment of comments) {
    const at = comment.attributes.createdAt
    const older = entries.findIndex((entry) => entry.at <= at)
    entries.splice(older < 0 ? entries.length : older, 0, { kind: 'comment', at, comment })
  }
  return entries
}

function changesOf({ attributes }: Resource<EventAttributes>): number {
  const { objectVersion } = attributes.context
  return typeof objectVersion === 'number' ? objectVersion : 0
}

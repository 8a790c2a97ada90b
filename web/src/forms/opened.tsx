import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { wholeQuery } from '../api/queries'
import type { EventAttributes } from '../api/resources'
import { useMay } from '../api/session'
import { Button } from '../ui/button'
import { Notice } from '../ui/notice'
import { EventSentence } from './event-sentence'
import styles from './opened.module.css'
import { words } from './words'

/** The version that a decision is based on: the one shown when the user began. */
export interface Opened {
  /** The precondition of the request. */
  etag: string | undefined
  /** Whether it has been changed since. */
  isStale: boolean
  /** Accepts the change, and continues with the current version. */
  look: () => void
}

/**
 * Keeps the version that was shown when the component was mounted, regardless of live updates. A form or a dialog that
 * changes an object sends `etag`, shows `ChangedMeanwhile` while it is stale, and can't be confirmed then.
 */
export function useOpened(now: string | undefined): Opened {
  const [etag, setEtag] = useState(now)
  if (etag === undefined && now !== undefined) setEtag(now)
  return { etag, isStale: isOther(etag, now), look: () => setEtag(now) }
}

const isOther = (then: string | undefined, now: string | undefined) =>
  then !== undefined && now !== undefined && then !== now

interface ChangedMeanwhileProps {
  /** The changed object. */
  objectId: string
  /** The version that the user saw. */
  since: string | undefined
  /** The current state, in a sentence. */
  now?: string
  onLook?: () => void
}

/** Who changed the object since a version, how, and why. */
export function ChangedMeanwhile({ objectId, since, now, onLook }: ChangedMeanwhileProps) {
  const version = Number(since?.replace(/\D/g, ''))
  const events = useQuery({
    ...wholeQuery<EventAttributes, '/events'>(['event', 'list', 'since', objectId, since], '/events', {
      query: { 'filter[object-id]': objectId, 'page[size]': 20 },
    }),
    enabled: useMay('event.read'),
  })
  const later = (events.data?.data ?? []).filter(({ attributes }) => {
    const at = attributes.context.objectVersion
    return typeof at === 'number' && at > version && !IMPLIED.has(attributes.name)
  })
  return (
    <Notice
      tone="warn"
      isAlert
      action={
        onLook && (
          <Button size="small" onClick={onLook}>
            {words.seen}
          </Button>
        )
      }
    >
      <strong>{words.changedMeanwhile}</strong>
      <ul className={styles.changes}>
        {later.map((event) => (
          <li key={event.id}>
            <EventSentence event={event.attributes} isOwn hasReason />
          </li>
        ))}
      </ul>
      <div>{now}</div>
      {onLook && <div>{words.notAppliedYet}</div>}
    </Notice>
  )
}

/** Events that follow from another event, which already describes them. */
const IMPLIED = new Set(['case.resolved', 'case.reopened'])

/** The other people who have the workflow open in the editor. */

import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { call } from '../../../api/client'
import type { Many } from '../../../api/document'
import { useSession } from '../../../api/session'
import type { Shown } from '../../../api/shapes'
import { usePersonOf } from '../../../forms/people'
import { Avatar } from '../../../ui/avatar'
import styles from './presence.module.css'
import { words } from './words'

type Editor = Shown<'report-presence-in-a-workflow'>

/** A report is valid for a minute; a lost one does no harm. */
const REPORT_MS = 20_000

/** Reports that the workflow is open here, and returns the others who have it open, by name. */
export function usePresence(workflowId: string, etag: string, isEditing: boolean): Editor[] {
  const path = { 'workflow-id': workflowId }
  const { data, refetch } = useQuery({
    queryKey: ['workflow-editor', workflowId],
    queryFn: ({ signal }) =>
      call<Many<Editor>, '/workflows/{workflow-id}/presence'>('post', '/workflows/{workflow-id}/presence', {
        path,
        body: {},
        signal,
      }),
    enabled: isEditing,
    refetchInterval: REPORT_MS,
    refetchOnWindowFocus: true,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const known = useRef(etag)
  useEffect(() => {
    // The person who changed the workflow may have just opened it.
    if (known.current !== etag && isEditing) refetch()
    known.current = etag
  }, [etag, isEditing, refetch])
  useEffect(() => {
    if (!isEditing) return
    const leave = () => {
      call('delete', '/workflows/{workflow-id}/presence', { path: { 'workflow-id': workflowId } }).catch(() => {})
    }
    globalThis.addEventListener('pagehide', leave)
    return () => {
      globalThis.removeEventListener('pagehide', leave)
      leave()
    }
  }, [workflowId, isEditing])
  return data?.value.data.map(({ attributes }) => attributes) ?? []
}

/** The others who have the editor open, in the header. */
export function Presence({ others }: { others: Editor[] }) {
  return (
    <div className={styles.presence} role="status">
      {others.length > 0 && (
        <>
          <span className={styles.faces} aria-hidden>
            {others.slice(0, 3).map(({ emailAddress, name }) => (
              <Avatar key={emailAddress} name={name} />
            ))}
          </span>
          <span className={styles.names} title={others.map(({ name }) => name).join(', ')}>
            {words.alsoHere(others.map(({ name }) => name))}
          </span>
        </>
      )}
    </div>
  )
}

/** A person's name by e-mail address, for a sentence; one's own address means another window or an API key. */
export function useCalled(others: Editor[]): (email: string | null) => string {
  const find = usePersonOf()
  const { user } = useSession()
  return (email) => {
    if (email === user.email) return words.yourOtherSession
    const other = others.find(({ emailAddress }) => emailAddress === email)
    return other?.name ?? find(email)?.name ?? email ?? words.anotherPerson
  }
}

import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { root } from './client'
import { listen, type Told } from './stream'

/**
 * Keeps the screens current: an event of the stream invalidates the queries for its objects.
 *
 * Every query key begins with the type of its objects: `['case', id, …]` or `['case', 'list', …]`. An event of case X
 * invalidates `['case', X]` and every list of cases; so does an event of an object related to X.
 */
export function keepLive(client: QueryClient, sessionId: string, whenEnded: () => void): () => void {
  const address = new URL('api/v1/stream', root).href
  const touched = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  // Events that arrive together are handled together: the end of a run is many events at once.
  const flush = () => {
    timer = undefined
    const refs = [...touched].map((ref) => ref.split(' ') as [string, string])
    touched.clear()
    client.invalidateQueries({ predicate: ({ queryKey }) => refs.some((ref) => isAbout(queryKey, ref)) })
  }

  const hear = (told: Told) => {
    switch (told.kind) {
      case 'happened':
        for (const { type, id } of [told.event.object, ...told.event.related]) touched.add(`${type} ${id}`)
        if (told.event.runId) touched.add(`workflow-run ${told.event.runId}`)
        touched.add(`event ${told.event.id}`)
        timer ??= setTimeout(flush, SETTLE_MS)
        break
      case 'gap':
        client.invalidateQueries()
        break
      case 'ended':
        whenEnded()
        break
      case 'state':
        setLive(told.isLive)
    }
  }

  const leave = listen(address, sessionId, hear)
  return () => {
    clearTimeout(timer)
    leave()
  }
}

const SETTLE_MS = 120

/** Whether a query shows the object, or a list that may contain it. */
export function isAbout(queryKey: readonly unknown[], [type, id]: [string, string]): boolean {
  return queryKey[0] === type && (queryKey[1] === id || queryKey[1] === 'list')
}

let isLive = true
const listeners = new Set<() => void>()

function setLive(next: boolean) {
  if (next === isLive) return
  isLive = next
  for (const tell of listeners) tell()
}

/** Whether changes by others currently arrive automatically. */
export function useIsLive(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    () => isLive,
  )
}

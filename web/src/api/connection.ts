import { useSyncExternalStore } from 'react'
import { root } from './root'

/** Whether changes can be sent: `offline` is what the browser says, `unreachable` that Docket does not answer. */
export type Connection = 'online' | 'offline' | 'unreachable'

const PROBE_MS = 3000
/** Asked while Docket does not answer; it needs no session. */
const PROBE = new URL('api/v1/setup', root)

let isSilent = false
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

function tell() {
  for (const listener of listeners) listener()
}

/** Whether the browser has a connection at all. */
export const isOnline = () => navigator.onLine !== false

function connection(): Connection {
  if (!isOnline()) return 'offline'
  return isSilent ? 'unreachable' : 'online'
}

/** An answer came, whatever it says. */
export function noteAnswer() {
  if (!isSilent) return
  isSilent = false
  clearTimeout(timer)
  timer = undefined
  tell()
}

/** No answer came. It is asked again until one does. */
export function noteSilence() {
  timer ??= setTimeout(probe, PROBE_MS)
  if (isSilent) return
  isSilent = true
  tell()
}

async function probe() {
  timer = undefined
  try {
    await fetch(PROBE)
    noteAnswer()
  } catch {
    noteSilence()
  }
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  window.addEventListener('online', listener)
  window.addEventListener('offline', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('online', listener)
    window.removeEventListener('offline', listener)
  }
}

/** The connection as it is now. */
export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, connection)
}

import { useSyncExternalStore } from 'react'
import { root } from './root'

/**
 * Whether changes can be sent: `offline` is reported by the browser, `unreachable` means that Docket does not respond.
 */
export type Connection = 'online' | 'offline' | 'unreachable'

const PROBE_MS = 3000
/** The address requested while Docket does not respond; it needs no session. */
const PROBE = new URL('api/v1/setup', root)

let isSilent = false
/** Docket responds even though the browser reports no connection: it runs on this machine. */
let answersAllTheSame = false
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

function tell() {
  for (const listener of listeners) listener()
}

/** Whether the browser has a connection to Docket, as far as it can determine. */
export const isOnline = () => navigator.onLine !== false || answersAllTheSame

function connection(): Connection {
  if (!isOnline()) return 'offline'
  return isSilent ? 'unreachable' : 'online'
}

/** Records that a response arrived, of any status. */
export function noteAnswer() {
  if (navigator.onLine === false && !answersAllTheSame) {
    answersAllTheSame = true
    tell()
  }
  if (!isSilent) return
  isSilent = false
  clearTimeout(timer)
  timer = undefined
  tell()
}

/** Records that no response arrived. The probe is repeated until one does. */
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

/** A browser that lost its connection may still reach a Docket on its own machine, so this is tried at once. */
function loseConnection() {
  answersAllTheSame = false
  tell()
  void probe()
}

window.addEventListener('online', () => {
  tell()
  void probe()
})
window.addEventListener('offline', loseConnection)
if (navigator.onLine === false) void probe()

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

/** The current connection. */
export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, connection)
}

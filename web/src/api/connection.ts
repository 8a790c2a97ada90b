import { useSyncExternalStore } from 'react'
import { root } from './root'

/** Whether changes can be sent: `offline` is what the browser says, `unreachable` that Docket does not answer. */
export type Connection = 'online' | 'offline' | 'unreachable'

const PROBE_MS = 3000
/** Asked while Docket does not answer; it needs no session. */
const PROBE = new URL('api/v1/setup', root)

let isSilent = false
/** Docket answers though the browser says that it has no connection: it runs on this machine. */
let answersAllTheSame = false
let timer: ReturnType<typeof setTimeout> | undefined
const listeners = new Set<() => void>()

function tell() {
  for (const listener of listeners) listener()
}

/** Whether the browser has a connection to Docket at all, as far as it knows. */
export const isOnline = () => navigator.onLine !== false || answersAllTheSame

function connection(): Connection {
  if (!isOnline()) return 'offline'
  return isSilent ? 'unreachable' : 'online'
}

/** An answer came, whatever it says. */
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

/** A browser that lost its connection may still reach a Docket on its own machine: that is tried at once. */
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

/** The connection as it is now. */
export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, connection)
}

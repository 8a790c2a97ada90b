/** A message of the stream: an event of an object. */
export interface Happened {
  id: string
  name: string
  object: { type: string; id: string }
  related: { type: string; id: string }[]
  runId: string | null
  createdAt: string
}

/**
 * A message to a tab. `gap`: too many events were missed, reload everything. `ended`: the session has ended or changed.
 */
export type Told =
  | { kind: 'happened'; event: Happened }
  | { kind: 'gap' }
  | { kind: 'ended' }
  | { kind: 'state'; isLive: boolean }

type Listener = (told: Told) => void

const FIRST_PAUSE_MS = 2000
const PAUSE_MS_MAX = 60_000

/**
 * Opens the event stream itself. Only one tab or worker of a browser does this, because each stream holds a connection.
 * A browser resumes an interrupted stream by itself but gives up a refused one (the server stops, or there are too
 * many), so this function resumes that, after increasing delays and after the last event received.
 */
export function openSource(address: string, tell: Listener): () => void {
  let source: EventSource
  let timer: ReturnType<typeof setTimeout> | undefined
  let pause = FIRST_PAUSE_MS
  let last = ''

  const open = () => {
    const here = last ? `${address}?last-event-id=${encodeURIComponent(last)}` : address
    source = new EventSource(here)
    const on = (name: string, act: (message: MessageEvent<string>) => void) =>
      source.addEventListener(name, (message) => act(message as MessageEvent<string>))
    on('ready', (message) => {
      last = message.lastEventId || last
      pause = FIRST_PAUSE_MS
      tell({ kind: 'state', isLive: true })
    })
    on('happened', (message) => {
      last = message.lastEventId || last
      tell({ kind: 'happened', event: eventOf(message.data) })
    })
    on('gap', () => tell({ kind: 'gap' }))
    on('ended', () => {
      source.close()
      tell({ kind: 'ended' })
    })
    on('error', () => {
      tell({ kind: 'state', isLive: false })
      if (source.readyState !== EventSource.CLOSED) return
      timer = setTimeout(open, pause)
      pause = Math.min(pause * 2, PAUSE_MS_MAX)
    })
  }

  open()
  return () => {
    clearTimeout(timer)
    source.close()
  }
}

/** An event of the stream, whose names have the casing in which the API stores them. */
export function eventOf(data: string): Happened {
  const raw = JSON.parse(data) as Omit<Happened, 'runId' | 'createdAt'> & {
    'run-id': string | null
    'created-at': string
  }
  return {
    id: raw.id,
    name: raw.name,
    object: raw.object,
    related: raw.related ?? [],
    runId: raw['run-id'] ?? null,
    createdAt: raw['created-at'],
  }
}

/**
 * Subscribes to the one stream that this browser has for the session: through a shared worker, or, if there is none,
 * through the tab that holds a lock and forwards the messages to the others.
 */
export function listen(address: string, sessionId: string, listener: Listener): () => void {
  return typeof SharedWorker === 'function'
    ? byWorker(address, sessionId, listener)
    : byLeader(address, sessionId, listener)
}

function byWorker(address: string, sessionId: string, listener: Listener): () => void {
  const worker = new SharedWorker(new URL('./stream.worker.ts', import.meta.url), {
    type: 'module',
    name: `docket-stream-${sessionId}`,
  })
  worker.port.onmessage = (message: MessageEvent<Told>) => listener(message.data)
  worker.port.postMessage({ address })
  const leave = () => worker.port.postMessage('leave')
  window.addEventListener('pagehide', leave)
  return () => {
    window.removeEventListener('pagehide', leave)
    leave()
    worker.port.close()
  }
}

function byLeader(address: string, sessionId: string, listener: Listener): () => void {
  const name = `docket-stream-${sessionId}`
  const channel = new BroadcastChannel(name)
  channel.onmessage = (message: MessageEvent<Told>) => listener(message.data)
  const leaving = new AbortController()
  const lead = () =>
    new Promise<void>((done) => {
      const close = openSource(address, (told) => {
        listener(told)
        channel.postMessage(told)
      })
      leaving.signal.addEventListener('abort', () => {
        close()
        done()
      })
    })
  // The tab with the lock opens the stream; when it closes, the lock goes to the next tab.
  navigator.locks.request(name, { signal: leaving.signal }, lead).catch(() => {})
  return () => {
    leaving.abort()
    channel.close()
  }
}

/** What the stream tells: something happened to an object. */
export interface Happened {
  id: string
  name: string
  object: { type: string; id: string }
  related: { type: string; id: string }[]
  runId: string | null
  createdAt: string
}

/** What a tab hears. `gap`: too much was missed, show everything anew. `ended`: the session is over or elsewhere. */
export type Told =
  | { kind: 'happened'; event: Happened }
  | { kind: 'gap' }
  | { kind: 'ended' }
  | { kind: 'state'; isLive: boolean }

type Listener = (told: Told) => void

/** Opens the event stream itself. Only one tab or worker of a browser does: each stream holds a connection. */
export function openSource(address: string, tell: Listener): () => void {
  const source = new EventSource(address)
  source.addEventListener('happened', (message) => tell({ kind: 'happened', event: eventOf(message.data) }))
  source.addEventListener('gap', () => tell({ kind: 'gap' }))
  source.addEventListener('ready', () => tell({ kind: 'state', isLive: true }))
  source.addEventListener('open', () => tell({ kind: 'state', isLive: true }))
  source.addEventListener('error', () => tell({ kind: 'state', isLive: false }))
  source.addEventListener('ended', () => {
    source.close()
    tell({ kind: 'ended' })
  })
  return () => source.close()
}

/** An event of the stream, whose names come as the API holds them. */
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
 * Listens to the one stream that this browser has for the session: through a shared worker, or, where there is none,
 * through the tab that holds a lock and tells the others.
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
  // Who gets the lock leads; it goes on to the next tab when this one is gone.
  navigator.locks.request(name, { signal: leaving.signal }, lead).catch(() => {})
  return () => {
    leaving.abort()
    channel.close()
  }
}

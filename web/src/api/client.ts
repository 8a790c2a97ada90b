import { isOnline, noteAnswer, noteSilence } from './connection'
import { offline, Problem, problemOf } from './problem'
import { root } from './root'
import type { paths } from './schema'

/** Every path of the API with its methods. */
export type Paths = paths

/** The methods of the API at a path. */
type MethodOf<P extends keyof Paths> = {
  [M in Method & keyof Paths[P]]: Paths[P][M] extends object ? M : never
}[Method & keyof Paths[P]]

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** The names in a path's braces, each of which requires a value. */
type NamesIn<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never

type QueryValue = string | number | boolean | undefined
export type Query = Record<string, QueryValue>

type PathOption<P extends string> = [NamesIn<P>] extends [never]
  ? { path?: undefined }
  : { path: Record<NamesIn<P>, string> }

export type Options<P extends string> = PathOption<P> & {
  query?: Query
  body?: unknown
  /** The ETag that was read; the change is refused (412) if the object has another one now. */
  ifMatch?: string
  /** Makes a repeated POST take effect once. */
  idempotencyKey?: string
  signal?: AbortSignal
}

/** A response with its headers. */
export interface Answer<T> {
  value: T
  etag: string | undefined
  requestId: string | undefined
}

export { root }

const api = new URL('api/v1/', root)

let onSignedOut: () => void = () => {}

/** Sets the callback for a response without a valid session. */
export function whenSignedOut(act: () => void) {
  onSignedOut = act
}

type Observer = (method: string, path: string) => void
const observers = new Set<Observer>()

/** Notifies of every call that succeeded, by its method and its path in the description. */
export function observeCalls(observer: Observer): () => void {
  observers.add(observer)
  return () => {
    observers.delete(observer)
  }
}

/**
 * One call of the API. Returns the response or throws a `Problem`; the only other error is an abort. Names are in camel
 * case; names that belong to the organization are unchanged.
 */
export async function call<T, P extends keyof Paths & string>(
  method: MethodOf<P>,
  path: P,
  ...[options]: [NamesIn<P>] extends [never] ? [Options<P>?] : [Options<P>]
): Promise<Answer<T>> {
  const given: Options<string> = (options as Options<string> | undefined) ?? {}
  // A change is never queued: it is sent now, or refused.
  if (method !== 'get' && !isOnline()) throw offline()
  const { signal, settle } = patient(method, given.signal)
  const request = new Request(address(path, given.path, given.query), {
    method: method.toUpperCase(),
    headers: headersOf(given),
    body: given.body === undefined ? undefined : JSON.stringify(given.body),
    credentials: 'same-origin',
    signal,
  })
  const response = await send(request, given.signal).finally(settle)
  const requestId = response.headers.get('request-id') ?? undefined
  const body: unknown = await response.json().catch(() => null)
  if (response.ok) {
    for (const tell of observers) tell(method, path)
    return { value: body as T, etag: response.headers.get('etag') ?? undefined, requestId }
  }
  if (response.status === 401) onSignedOut()
  // The labels of permissions are loaded only for a refusal that may name one.
  const lacking = response.status === 403 ? await import('./lacking').catch(() => undefined) : undefined
  throw problemOf(response.status, body, requestId, lacking?.withoutCode)
}

async function send(request: Request, asked: AbortSignal | undefined): Promise<Response> {
  try {
    const response = await fetch(request)
    noteAnswer()
    return response
  } catch (error) {
    if (asked?.aborted) throw error
    noteSilence()
    throw new Problem(0, [])
  }
}

/** A change without a response for this long is aborted; its result is unknown. */
const PATIENCE_MS = 30_000

/** The signal that aborts a request: the caller's, and for a change also the timeout. */
function patient(method: string, asked: AbortSignal | undefined) {
  if (method === 'get') return { signal: asked, settle: () => {} }
  const controller = new AbortController()
  const abort = () => controller.abort()
  if (asked?.aborted) abort()
  asked?.addEventListener('abort', abort)
  const timer = setTimeout(abort, PATIENCE_MS)
  const settle = () => {
    clearTimeout(timer)
    asked?.removeEventListener('abort', abort)
  }
  return { signal: controller.signal, settle }
}

function address(path: string, names: Record<string, string> | undefined, query: Query | undefined): URL {
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(names?.[name] ?? ''))
  const url = new URL(filled.slice(1), api)
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value))
  }
  return url
}

function headersOf(options: Options<string>): Headers {
  const headers = new Headers({ accept: 'application/json', 'key-inflection': 'camel' })
  if (options.body !== undefined) headers.set('content-type', 'application/json')
  if (options.ifMatch) headers.set('if-match', options.ifMatch)
  if (options.idempotencyKey) headers.set('idempotency-key', options.idempotencyKey)
  return headers
}

import { words } from './words'

/** One error, in the server's sentence. */
export interface Finding {
  title: string
  details?: string
  /** The code of the rule, such as `successor-needed`. */
  code?: string
  /** The place in the body, as a JSON pointer. */
  pointer?: string
  meta: Record<string, unknown>
}

/** The kind of a refusal, from which a screen chooses its state instead of from status codes. */
export type Kind =
  | 'offline'
  | 'unreachable'
  | 'signed-out'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'stale'
  | 'invalid'
  | 'busy'
  | 'broken'

/** Why a request failed: an error as data for the screens. */
export class Problem extends Error {
  readonly kind: Kind
  readonly status: number
  readonly findings: Finding[]
  /** The id of this request in the server's log. */
  readonly requestId: string | undefined

  constructor(status: number, findings: Finding[], requestId?: string, kind: Kind = kindOf(status)) {
    super(findings[0]?.details ?? (findings[0]?.title || words.problems[kind]))
    this.name = 'Problem'
    this.status = status
    this.kind = kind
    this.findings = findings
    this.requestId = requestId
  }

  /** The error of one member of the body, such as `/data/attributes/name`. */
  at(pointer: string): string | undefined {
    return this.findings.find((finding) => finding.pointer === pointer)?.details
  }
}

/** A change that was not sent because this browser has no connection. */
export const offline = () => new Problem(0, [], undefined, 'offline')

function kindOf(status: number): Kind {
  switch (status) {
    case 0:
      return 'unreachable'
    case 401:
      return 'signed-out'
    case 403:
      return 'forbidden'
    case 404:
      return 'not-found'
    case 409:
      return 'conflict'
    case 412:
      return 'stale'
    case 400:
    case 422:
    case 428:
      return 'invalid'
    case 408:
    case 429:
    case 503:
      return 'busy'
    default:
      return 'broken'
  }
}

/** How a sentence of a refusal is shown. */
type InWords = (details: string) => string

/** The problem in a response's body; a body of another shape (a proxy's page) gives a problem without sentences. */
export function problemOf(
  status: number,
  body: unknown,
  requestId?: string,
  inWords: InWords = (details) => details,
): Problem {
  const errors = (body as { errors?: unknown } | null)?.errors
  const findings = Array.isArray(errors) ? errors.map((error) => findingOf(error, inWords)) : []
  return new Problem(status, findings, requestId)
}

interface Sent {
  title?: string
  details?: string
  code?: string
  source?: { pointer?: string }
  meta?: Record<string, unknown>
}

function findingOf(error: Sent, inWords: InWords): Finding {
  return {
    title: error.title ?? '',
    details: error.details && inWords(error.details),
    code: error.code,
    pointer: error.source?.pointer ?? (error.meta?.pointer as string | undefined),
    meta: error.meta ?? {},
  }
}

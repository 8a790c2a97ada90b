import { words } from './words'

/** One thing the server found wrong, in its words. */
export interface Finding {
  title: string
  details?: string
  /** Which rule it is, such as `successor-needed`. */
  code?: string
  /** Where in the body, as a JSON pointer. */
  pointer?: string
  meta: Record<string, unknown>
}

/** What kind of answer a refusal was, so that a screen chooses its state without looking at numbers. */
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

/** Why something was not answered or not done. An error as data: screens show it, they do not guess. */
export class Problem extends Error {
  readonly kind: Kind
  readonly status: number
  readonly findings: Finding[]
  /** Names this very request in the server's log. */
  readonly requestId: string | undefined

  constructor(status: number, findings: Finding[], requestId?: string, kind: Kind = kindOf(status)) {
    super(findings[0]?.details ?? (findings[0]?.title || words.problems[kind]))
    this.name = 'Problem'
    this.status = status
    this.kind = kind
    this.findings = findings
    this.requestId = requestId
  }

  /** What is wrong with one member of the body, such as `/data/attributes/name`. */
  at(pointer: string): string | undefined {
    return this.findings.find((finding) => finding.pointer === pointer)?.details
  }
}

/** A change that was never sent, because this browser has no connection. */
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

/** The problem that an answer's body tells of; a body of another shape (a proxy's page) is one without words. */
export function problemOf(status: number, body: unknown, requestId?: string): Problem {
  const errors = (body as { errors?: unknown } | null)?.errors
  const findings = Array.isArray(errors) ? errors.map(findingOf) : []
  return new Problem(status, findings, requestId)
}

const LACKING = /^this needs the permission '?([a-z_]+\.[a-z]+)'?, which/

/** A refusal for want of a permission, by what the permission is for and not by its name in programs. */
function withoutCode(details: string): string {
  const permission = LACKING.exec(details)?.[1]
  const what = permission && words.permissions[permission]
  return what ? words.lacks(what) : details
}

function findingOf(error: {
  title?: string
  details?: string
  code?: string
  source?: { pointer?: string }
  meta?: Record<string, unknown>
}): Finding {
  return {
    title: error.title ?? '',
    details: error.details && withoutCode(error.details),
    code: error.code,
    pointer: error.source?.pointer ?? (error.meta?.pointer as string | undefined),
    meta: error.meta ?? {},
  }
}

import { readFileSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { call, observeCalls, whenSignedOut } from './client'
import { cursorAfter, type Many, related, relatedMany } from './document'
import { stepOfCall, stepOfPlace } from './first-steps'
import { isAbout } from './live'
import { permissions } from './permissions'
import { Problem, problemOf } from './problem'
import { sessionOf } from './session'
import { eventOf } from './stream'

afterEach(() => {
  vi.unstubAllGlobals()
  whenSignedOut(() => {})
})

/** A server with one response to every call, and the requests that it got. */
function server(status: number, body: unknown, headers: Record<string, string> = {}) {
  const asked: Request[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(request)
    return new Response(JSON.stringify(body), { status, headers })
  })
  return asked
}

const problem = async (calling: Promise<unknown>): Promise<Problem> => {
  const error = await calling.catch((caught: unknown) => caught)
  if (!(error instanceof Problem)) throw new Error(`no problem, but ${String(error)}`)
  return error
}

test('a call fills in the path, sends its headers and body, and returns the ETag', async () => {
  const asked = server(200, { data: { id: 'case_1' } }, { etag: '"4"', 'request-id': 'req_1' })

  const answer = await call('post', '/cases/{case-id}/set-status', {
    path: { 'case-id': 'case/1' },
    query: { a: 1, nothing: undefined },
    body: { meta: { status: 'x' } },
    ifMatch: '"3"',
  })

  expect(answer).toEqual({ value: { data: { id: 'case_1' } }, etag: '"4"', requestId: 'req_1' })
  const request = asked[0] as Request
  expect(request.url).toBe('http://localhost:3000/api/v1/cases/case%2F1/set-status?a=1')
  expect(request.headers.get('if-match')).toBe('"3"')
  expect(request.headers.get('key-inflection')).toBe('camel')
  expect(await request.json()).toEqual({ meta: { status: 'x' } })
})

test('without a connection no change is sent or queued', async () => {
  const asked = server(200, { data: { id: 'case_1' } })
  vi.stubGlobal('navigator', { onLine: false })

  const refused = await problem(call('post', '/cases', { body: {} }))
  vi.unstubAllGlobals()

  expect(refused.kind).toBe('offline')
  expect(refused.message).toBe('You are offline. Nothing was sent, and nothing was changed.')
  expect(asked).toHaveLength(0)
})

test('a response without a sentence gets the dashboard’s own, not a number', async () => {
  server(502, null)

  const refused = await problem(call('post', '/cases', { body: {} }))

  expect(refused.message).toBe('Something went wrong in Docket.')
})

test('a refusal is data: its kind, its sentences, its pointer, its request', async () => {
  const errors = [
    { title: 'Record invalid', details: 'a name is needed', source: { pointer: '/data/attributes/name' } },
  ]
  server(422, { errors }, { 'request-id': 'req_2' })

  const refused = await problem(call('post', '/workflows', { body: {} }))

  expect(refused.kind).toBe('invalid')
  expect(refused.message).toBe('a name is needed')
  expect(refused.at('/data/attributes/name')).toBe('a name is needed')
  expect(refused.at('/data/attributes/other')).toBeUndefined()
  expect(refused.requestId).toBe('req_2')
})

test('a server out of reach, and a proxy that answers with a page, are problems too', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('refused')))
  const unreachable = await problem(call('get', '/cases'))
  vi.stubGlobal('fetch', async () => new Response('<html>', { status: 502 }))
  const page = await problem(call('get', '/cases'))

  expect([unreachable.kind, page.kind]).toEqual(['unreachable', 'broken'])
})

test('each call reports once that the session has ended', async () => {
  const tell = vi.fn()
  whenSignedOut(tell)
  server(401, { errors: [{ title: 'Token is invalid' }] })

  const refused = await problem(call('get', '/cases'))

  expect(refused.kind).toBe('signed-out')
  expect(tell).toHaveBeenCalledOnce()
})

test('an observer is notified only of calls that succeeded', async () => {
  const heard: string[] = []
  const stop = observeCalls((method, path) => heard.push(`${method} ${path}`))
  server(200, {})
  await call('get', '/cases')
  server(500, {})
  await problem(call('get', '/events'))
  stop()

  expect(heard).toEqual(['get /cases'])
})

test('every status that the API answers has a kind', () => {
  const kinds = [400, 401, 403, 404, 409, 412, 422, 428, 429, 500, 503].map((status) => problemOf(status, null).kind)

  expect(kinds).toEqual([
    ...['invalid', 'signed-out', 'forbidden', 'not-found', 'conflict', 'stale'],
    ...['invalid', 'invalid', 'busy', 'broken', 'busy'],
  ])
})

test('a page names the cursor of the next one, until there is none', () => {
  const page = (next: string | null): Many<unknown> => ({ data: [], links: { prev: null, next } })

  expect(cursorAfter(page('/api/v1/cases?page%5Bafter%5D=case_9&page%5Bsize%5D=50'))).toBe('case_9')
  expect(cursorAfter(page(null))).toBeUndefined()
})

test('a relationship is one, many or none', () => {
  const resource = {
    type: 'case',
    id: 'case_1',
    attributes: {},
    relationships: {
      one: { data: { type: 'a', id: '1' } },
      many: { data: [{ type: 'b', id: '2' }] },
      none: { data: null },
    },
  }

  expect(related(resource, 'one')?.id).toBe('1')
  expect(related(resource, 'none')).toBeUndefined()
  expect(relatedMany(resource, 'many')).toHaveLength(1)
  expect(relatedMany(resource, 'unknown')).toEqual([])
})

test('an event invalidates its objects and the lists of their types, and nothing else', () => {
  expect(isAbout(['case', 'case_1'], ['case', 'case_1'])).toBe(true)
  expect(isAbout(['case', 'list', { status: 'x' }], ['case', 'case_1'])).toBe(true)
  expect(isAbout(['case', 'case_2'], ['case', 'case_1'])).toBe(false)
  expect(isAbout(['workflow', 'list'], ['case', 'case_1'])).toBe(false)
})

test('an event of the stream is read in the casing of the stream', () => {
  const data =
    '{"id":"evt_1","name":"case.created","object":{"type":"case","id":"case_1"},"related":[],"run-id":"wfr_1","created-at":"2026-01-01T00:00:00.000Z"}'

  expect(eventOf(data)).toMatchObject({ runId: 'wfr_1', createdAt: '2026-01-01T00:00:00.000Z' })
})

test('a session has the user’s name, or the address if there is none', () => {
  const document = (nameFirst: string | null) => ({
    data: {
      type: 'session',
      id: 'ses_1',
      attributes: {
        environment: 'sandbox' as const,
        createdAt: '',
        expiresAt: '',
        permissions: ['case.read'],
        plan: 'growth',
        environments: ['sandbox' as const],
        idleSecondsMax: 43_200,
        firstSteps: [],
      },
      relationships: {
        user: { data: { type: 'user', id: 'user_1' } },
        organization: { data: { type: 'organization', id: 'org_1' } },
      },
    },
    included: [
      { type: 'user', id: 'user_1', attributes: { emailAddress: 'ada@bank.example', nameFirst, nameLast: null } },
      { type: 'organization', id: 'org_1', attributes: { name: 'Lumen Bank' } },
    ],
  })

  expect(sessionOf(document('Ada')).user.name).toBe('Ada')
  expect(sessionOf(document(null)).user.name).toBe('ada@bank.example')
  expect(sessionOf(document(null)).permissions.has('case.read')).toBe(true)
})

test('first steps are completed by visited screens and successful calls', () => {
  expect(stepOfPlace('/cases/case_01')).toBe('open-case')
  expect(stepOfPlace('/cases/templates')).toBeUndefined()
  expect(stepOfPlace('/workflows/wfl_01')).toBe('open-workflow')
  expect(stepOfCall('post', '/workflows/{workflow-id}/publish')).toBe('publish-workflow')
  expect(stepOfCall('get', '/workflows/{workflow-id}')).toBeUndefined()
})

test('every permission of a role has a label', () => {
  const kernel = readFileSync(`${import.meta.dirname}/../../../crates/kernel/src/permission.rs`, 'utf8')
  const names = [...kernel.matchAll(/^ {4}\w+ = "([a-z_]+\.[a-z]+)",/gm)].map(([, name]) => name ?? '')

  expect(names.length).toBeGreaterThan(15)
  for (const name of names.filter((known) => known !== 'installation.operate')) {
    expect(permissions[name], name).toBeDefined()
  }
})

test('a refusal for a missing permission names its label', async () => {
  const errors = [{ title: 'Forbidden', details: 'this needs the permission case.write, which you do not have' }]
  server(403, { errors })

  const refused = await problem(call('post', '/cases', { body: {} }))

  expect(refused.message).toBe(
    'You do not have the permission “Create, change and decide cases”. An administrator can give you a role that has it.',
  )
})

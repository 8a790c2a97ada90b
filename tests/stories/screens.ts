import { readFile } from 'node:fs/promises'
import type { Page, Route } from 'playwright-core'
import type { Docket } from './harness/docket'

/** The states of each kind of screen, all of which are designed and tested. */
export const STATES = {
  /** A list of objects. */
  list: ['ready', 'loading', 'empty', 'error', 'forbidden', 'unreachable'],
  /** One object. */
  thing: ['ready', 'loading', 'error', 'forbidden', 'not-found'],
  /** A screen without requests to the server. */
  still: ['ready'],
} as const

export type State = (typeof STATES)[keyof typeof STATES][number]

export interface Screen {
  /** The path, as in `web/src/app/routes.tsx`. */
  route: string
  kind: keyof typeof STATES
  /** Whether the screen is shown without a session. */
  isOutside?: boolean
  /** The address, if the route has parameters. */
  address?: (docket: Docket) => Promise<string>
}

async function firstId(docket: Docket, path: string): Promise<string> {
  const { data } = await docket.api('GET', `${path}?page[size]=1`)
  return data[0].id
}

/** Every screen. A route that is missing here fails the story. */
export const screens: Screen[] = [
  { route: '/sign-in', kind: 'still', isOutside: true },
  { route: '/setup', kind: 'still', isOutside: true },
  { route: '/invitation', kind: 'still', isOutside: true },
  { route: '/', kind: 'list' },
  { route: '/cases', kind: 'list' },
  { route: '/cases/$caseId', kind: 'thing', address: async (docket) => `/cases/${await firstId(docket, '/cases')}` },
  { route: '/cases/templates', kind: 'list' },
  {
    route: '/cases/templates/$templateId',
    kind: 'thing',
    address: async (docket) => `/cases/templates/${await firstId(docket, '/case-templates')}`,
  },
  { route: '/workflows', kind: 'list' },
  {
    route: '/workflows/$workflowId',
    kind: 'thing',
    address: async (docket) => `/workflows/${await firstId(docket, '/workflows')}`,
  },
  { route: '/runs', kind: 'list' },
  {
    route: '/runs/$runId',
    kind: 'thing',
    address: async (docket) => `/runs/${await firstId(docket, '/workflow-runs')}`,
  },
  { route: '/objects/accounts', kind: 'list' },
  {
    route: '/objects/accounts/$accountId',
    kind: 'thing',
    address: async (docket) => `/objects/accounts/${await firstId(docket, '/accounts')}`,
  },
  { route: '/objects/inquiries', kind: 'list' },
  {
    route: '/objects/inquiries/$inquiryId',
    kind: 'thing',
    address: async (docket) => `/objects/inquiries/${await firstId(docket, '/inquiries')}`,
  },
  { route: '/developers/api-keys', kind: 'list' },
  { route: '/developers/events', kind: 'list' },
  { route: '/developers/sources', kind: 'list' },
  { route: '/developers/openapi', kind: 'still' },
  { route: '/settings/profile', kind: 'still' },
  { route: '/settings/organization', kind: 'still' },
  { route: '/settings/people', kind: 'list' },
  { route: '/settings/bundle', kind: 'still' },
  { route: '/settings/retention', kind: 'thing' },
]

/** Every route of the dashboard, except those for its developers. */
export async function routes(): Promise<string[]> {
  const source = await readFile(new URL('../../web/src/app/routes.tsx', import.meta.url), 'utf8')
  const paths = [...source.matchAll(/^ {2}path: '([^']+)',$/gm)].map(([, path]) => path ?? '')
  return paths.filter((path) => path !== '/gallery')
}

/** The heading of a refusal. The other states are complete when every request has its response. */
export const REFUSALS: Partial<Record<State, string>> = {
  error: 'Something went wrong',
  forbidden: 'You do not have access to this',
  'not-found': 'Not found',
  unreachable: 'Docket does not answer',
}

const KEPT = /\/api\/v1\/(session|stream|setup)\b/

/** Makes the server respond as the state requires. The shell's own requests are not changed. */
export async function arrange(page: Page, state: State) {
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  if (state === 'ready') return
  await page.route(/\/api\/v1\//, async (route) => {
    if (KEPT.test(route.request().url()) || route.request().method() !== 'GET') return route.fallback()
    await ANSWERS[state](route)
  })
}

const refuse = (status: number, title: string, details: string) => (route: Route) =>
  route.fulfill({
    status,
    headers: { 'content-type': 'application/json', 'request-id': 'req_01m888fgve008000tys8azh43' },
    body: JSON.stringify({ errors: [{ title, details, meta: {} }] }),
  })

const ANSWERS: Record<Exclude<State, 'ready'>, (route: Route) => Promise<void>> = {
  // The response never arrives.
  loading: async () => {},
  empty: (route) =>
    route.fulfill({ contentType: 'application/json', body: '{"data":[],"links":{"prev":null,"next":null}}' }),
  error: refuse(500, 'Internal server error', 'the database could not be read'),
  forbidden: refuse(403, 'Forbidden', "this needs the permission 'case.read', which you do not have"),
  'not-found': refuse(404, 'Record not found', 'case case_01 is not found'),
  unreachable: (route) => route.abort('connectionrefused'),
}

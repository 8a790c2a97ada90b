import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { Problem } from '../api/problem'
import { sessionQuery, setupQuery } from '../api/session'
import { NotFound } from './not-found'

/** What a route may request before it is shown. */
export interface RouteContext {
  client: QueryClient
}

/** A text of the query string, or `undefined`. */
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** A flag of the query string. */
const isSet = (value: unknown): true | undefined => (value === true || value === 'true' ? true : undefined)

const root = createRootRouteWithContext<RouteContext>()({ component: Outlet, notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { to?: string | undefined } => ({ to: text(search.to) }),
  beforeLoad: ({ context }) => goToSetUpWhereNeeded(context.client),
  component: lazyRouteComponent(() => import('../features/access/sign-in'), 'SignIn'),
})

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('../features/access/set-up'), 'SetUp'),
})

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('../features/access/invitation'), 'Invitation'),
})

/** Every screen that needs a session. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(sessionQuery)
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.kind !== 'signed-out') throw problem
      await goToSetUpWhereNeeded(context.client)
      throw redirect({ to: '/sign-in', search: { to: location.href === '/' ? undefined : location.publicHref } })
    }
  },
  component: lazyRouteComponent(() => import('./shell/shell'), 'Shell'),
})

async function goToSetUpWhereNeeded(client: QueryClient) {
  const { isNeeded } = await client.fetchQuery(setupQuery)
  if (isNeeded) throw redirect({ to: '/setup' })
}

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyRouteComponent(() => import('../features/home/home'), 'Home'),
})

// Cases

const cases = createRoute({
  getParentRoute: () => shell,
  path: '/cases',
  validateSearch: (
    search,
  ): { text?: string; status?: string; template?: string; assignee?: string; create?: true | undefined } => ({
    create: isSet(search.create),
    text: text(search.text),
    status: text(search.status),
    template: text(search.template),
    assignee: text(search.assignee),
  }),
  component: lazyRouteComponent(() => import('../features/cases/all-cases'), 'AllCases'),
})
const caseTemplates = createRoute({
  getParentRoute: () => shell,
  path: '/cases/templates',
  component: lazyRouteComponent(() => import('../features/cases/case-templates'), 'CaseTemplates'),
})
const caseTemplate = createRoute({
  getParentRoute: () => shell,
  path: '/cases/templates/$templateId',
  component: lazyRouteComponent(() => import('../features/cases/case-template-page'), 'CaseTemplatePage'),
})
const oneCase = createRoute({
  getParentRoute: () => shell,
  path: '/cases/$caseId',
  component: lazyRouteComponent(() => import('../features/cases/case-page'), 'CasePage'),
})

// Workflows and runs

const workflows = createRoute({
  getParentRoute: () => shell,
  path: '/workflows',
  validateSearch: (search): { create?: true | undefined } => ({ create: isSet(search.create) }),
  component: lazyRouteComponent(() => import('../features/workflows/all-workflows'), 'AllWorkflows'),
})
const workflow = createRoute({
  getParentRoute: () => shell,
  path: '/workflows/$workflowId',
  validateSearch: (search): { step?: string | undefined } => ({ step: text(search.step) }),
  component: lazyRouteComponent(() => import('../features/workflows/workflow-page'), 'WorkflowPage'),
})
const runs = createRoute({
  getParentRoute: () => shell,
  path: '/runs',
  validateSearch: (search): { workflow?: string | undefined; status?: string | undefined } => ({
    workflow: text(search.workflow),
    status: text(search.status),
  }),
  component: lazyRouteComponent(() => import('../features/workflows/all-runs'), 'AllRuns'),
})
const run = createRoute({
  getParentRoute: () => shell,
  path: '/runs/$runId',
  validateSearch: (search): { step?: string | undefined } => ({ step: text(search.step) }),
  component: lazyRouteComponent(() => import('../features/workflows/run-page'), 'RunPage'),
})

// Objects

const accounts = createRoute({
  getParentRoute: () => shell,
  path: '/objects/accounts',
  validateSearch: (search): { reference?: string | undefined } => ({ reference: text(search.reference) }),
  component: lazyRouteComponent(() => import('../features/objects/accounts'), 'Accounts'),
})
const account = createRoute({
  getParentRoute: () => shell,
  path: '/objects/accounts/$accountId',
  component: lazyRouteComponent(() => import('../features/objects/account-page'), 'AccountPage'),
})
const inquiries = createRoute({
  getParentRoute: () => shell,
  path: '/objects/inquiries',
  component: lazyRouteComponent(() => import('../features/objects/inquiries'), 'Inquiries'),
})
const inquiry = createRoute({
  getParentRoute: () => shell,
  path: '/objects/inquiries/$inquiryId',
  component: lazyRouteComponent(() => import('../features/objects/inquiry-page'), 'InquiryPage'),
})

// Developers

const apiKeys = createRoute({
  getParentRoute: () => shell,
  path: '/developers/api-keys',
  component: lazyRouteComponent(() => import('../features/developers/api-keys'), 'ApiKeys'),
})
const events = createRoute({
  getParentRoute: () => shell,
  path: '/developers/events',
  validateSearch: (search): { event?: string | undefined; name?: string | undefined } => ({
    event: text(search.event),
    name: text(search.name),
  }),
  component: lazyRouteComponent(() => import('../features/developers/events'), 'Events'),
})
const sources = createRoute({
  getParentRoute: () => shell,
  path: '/developers/sources',
  component: lazyRouteComponent(() => import('../features/developers/sources'), 'Sources'),
})
const openapi = createRoute({
  getParentRoute: () => shell,
  path: '/developers/openapi',
  component: lazyRouteComponent(() => import('../features/developers/openapi'), 'OpenApi'),
})

// Settings

const profile = createRoute({
  getParentRoute: () => shell,
  path: '/settings/profile',
  component: lazyRouteComponent(() => import('../features/settings/profile'), 'Profile'),
})
const organization = createRoute({
  getParentRoute: () => shell,
  path: '/settings/organization',
  component: lazyRouteComponent(() => import('../features/settings/organization'), 'OrganizationSettings'),
})
const people = createRoute({
  getParentRoute: () => shell,
  path: '/settings/people',
  component: lazyRouteComponent(() => import('../features/settings/people'), 'People'),
})

const setupBundle = createRoute({
  getParentRoute: () => shell,
  path: '/settings/bundle',
  component: lazyRouteComponent(() => import('../features/settings/bundle/bundle-page'), 'SetupBundle'),
})

const retention = createRoute({
  getParentRoute: () => shell,
  path: '/settings/retention',
  component: lazyRouteComponent(() => import('../features/settings/retention/retention-page'), 'DataRetention'),
})

/** The component gallery: only in development. */
const gallery = import.meta.env.DEV
  ? [
      createRoute({
        getParentRoute: () => shell,
        path: '/gallery',
        component: lazyRouteComponent(() => import('./gallery/gallery'), 'Gallery'),
      }),
    ]
  : []

const screens = [
  ...[home, cases, caseTemplates, caseTemplate, oneCase],
  ...[workflows, workflow, runs, run],
  ...[accounts, account, inquiries, inquiry],
  ...[apiKeys, events, sources, openapi],
  ...[profile, organization, people, setupBundle, retention],
] as const

export const routeTree = root.addChildren([signIn, setUp, invitation, shell.addChildren([...screens, ...gallery])])

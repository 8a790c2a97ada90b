import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { call } from './client'
import { type One, related } from './document'
import { nameOfPerson, type UserAttributes } from './resources'
import type { Shown } from './shapes'

export type EnvironmentKind = 'sandbox' | 'production'

type SessionAttributes = Shown<'retrieve-the-session'>

/** The signed-in user and the environment, for every screen. */
export interface Session {
  id: string
  environment: EnvironmentKind
  environmentId: string
  environments: EnvironmentKind[]
  permissions: ReadonlySet<string>
  plan: string
  firstSteps: ReadonlySet<string>
  user: { id: string; email: string; name: string; role: string | undefined }
  organization: { id: string; name: string }
}

/** The session in the form that screens use, from the API's document. */
export function sessionOf(document: One<SessionAttributes>): Session {
  const { data, included } = document
  const of = <A>(name: string) => {
    const ref = related(data, name)
    const found = included?.find((other) => other.type === ref?.type && other.id === ref?.id)
    return { id: ref?.id ?? '', attributes: found?.attributes as A | undefined }
  }
  const user = of<UserAttributes>('user')
  const organization = of<{ name: string }>('organization')
  const email = user.attributes?.emailAddress ?? ''
  return {
    id: data.id,
    environment: data.attributes.environment,
    environmentId: of('environment').id,
    environments: data.attributes.environments,
    permissions: new Set(data.attributes.permissions),
    plan: data.attributes.plan,
    firstSteps: new Set(data.attributes.firstSteps),
    user: {
      id: user.id,
      email,
      name: user.attributes ? nameOfPerson(user.attributes) : email,
      role: user.attributes?.role,
    },
    organization: { id: organization.id, name: organization.attributes?.name ?? '' },
  }
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => sessionOf((await call<One<SessionAttributes>, '/session'>('get', '/session')).value),
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
})

/** The session; inside the shell there always is one. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data
}

/** Whether the user has a permission, such as `workflow.write`. The server checks it again. */
export function useMay(permission: string): boolean {
  return useSession().permissions.has(permission)
}

export interface SignIn {
  email: string
  password: string
  organizationId?: string | undefined
  environment?: EnvironmentKind | undefined
}

export async function signIn({ email, password, organizationId, environment }: SignIn): Promise<Session> {
  const attributes = { emailAddress: email, password, organizationId, environment }
  const body = { data: { attributes } }
  return sessionOf((await call<One<SessionAttributes>, '/sessions'>('post', '/sessions', { body })).value)
}

/** The person that a link is for; an expired or used link is refused. */
export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation'],
    queryFn: async () => {
      const body = { data: { attributes: { token } } }
      const answer = await call<One<Shown<'look-at-an-invitation'>>, '/invitations/look'>('post', '/invitations/look', {
        body,
      })
      return answer.value.data.attributes
    },
    retry: false,
  })

/** Sets a password with the token of a link, and signs in. */
export async function acceptInvitation(attributes: { token: string; password: string }): Promise<Session> {
  const body = { data: { attributes } }
  const answer = await call<One<SessionAttributes>, '/invitations/accept'>('post', '/invitations/accept', { body })
  return sessionOf(answer.value)
}

export async function signOut(): Promise<void> {
  await call('delete', '/session')
}

/** Switches to the other environment: the session is exchanged for one that belongs to it. */
export async function switchEnvironment(environment: EnvironmentKind): Promise<Session> {
  const body = { data: { attributes: { environment } } }
  return sessionOf((await call<One<SessionAttributes>, '/session'>('patch', '/session', { body })).value)
}

export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: async () => {
    const answer = await call<One<{ needed: boolean }>, '/setup'>('get', '/setup')
    return { isNeeded: answer.value.data.attributes.needed }
  },
  retry: false,
})

export interface SetUp {
  token: string
  organization: string
  email: string
  password: string
  sampleData: boolean
}

export async function setUp({ token, organization, email, password, sampleData }: SetUp): Promise<Session> {
  const attributes = { token, organization, emailAddress: email, password, sampleData }
  const body = { data: { attributes } }
  return sessionOf((await call<One<SessionAttributes>, '/setup'>('post', '/setup', { body })).value)
}

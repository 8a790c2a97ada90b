import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Problem } from '../../api/problem'
import { type EnvironmentKind, type Session, type SignIn, signIn } from '../../api/session'
import { ProblemNotice } from '../../forms/problem-notice'
import { Button } from '../../ui/button'
import { Field, Input, Select } from '../../ui/field'
import { Stack } from '../../ui/stack'
import { PasswordInput } from './password-input'
import { words } from './words'

interface SignInFormProps {
  email?: string
  environment?: EnvironmentKind
  onSignedIn: (session: Session) => void
}

/** Address and password; also the organization, if the address belongs to several. */
export function SignInForm({ email = '', environment, onSignedIn }: SignInFormProps) {
  const [given, setGiven] = useState({ email, password: '', organizationId: '' })
  const attempt = useMutation<Session, Problem, SignIn>({ mutationFn: signIn, onSuccess: onSignedIn })
  const [organizations, setOrganizations] = useState<{ id: string; name: string }[]>([])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    attempt.mutate(
      { ...given, organizationId: given.organizationId || undefined, environment },
      { onError: (problem) => setOrganizations((known) => organizationsOf(problem) ?? known) },
    )
  }

  const isChoosing = organizations.length > 0
  const isQuestion = attempt.error && organizationsOf(attempt.error)
  return (
    <form onSubmit={submit}>
      <Stack gap={4}>
        {attempt.error && !isQuestion && <ProblemNotice problem={attempt.error} />}
        <Field label={words.email}>
          <Input
            type="email"
            name="email"
            autoComplete="username"
            required
            autoFocus={!email}
            value={given.email}
            onChange={(event) => setGiven({ ...given, email: event.target.value })}
          />
        </Field>
        <Field label={words.password}>
          <PasswordInput
            name="password"
            autoComplete="current-password"
            required
            autoFocus={Boolean(email)}
            value={given.password}
            onChange={(event) => setGiven({ ...given, password: event.target.value })}
          />
        </Field>
        {isChoosing && (
          <Field label={words.organization} hint={words.whichOrganization}>
            <Select
              required
              value={given.organizationId}
              onChange={(event) => setGiven({ ...given, organizationId: event.target.value })}
            >
              <option value="" />
              {organizations.map((organization) => (
                <option key={organization.id} value={organization.id}>
                  {organization.name}
                </option>
              ))}
            </Select>
          </Field>
        )}
        <Button type="submit" look="primary" size="large" isWide isBusy={attempt.isPending}>
          {words.signIn}
        </Button>
      </Stack>
    </form>
  )
}

/** The organizations to choose from, if the server asks for one. */
function organizationsOf(problem: Problem): { id: string; name: string }[] | undefined {
  const offered = problem.findings[0]?.meta.organizations
  return Array.isArray(offered) ? offered : undefined
}

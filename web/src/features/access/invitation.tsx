import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Problem } from '../../api/problem'
import { acceptInvitation, invitationQuery, type Session, sessionQuery } from '../../api/session'
import { ProblemNotice } from '../../forms/problem-notice'
import { Button, buttonClasses } from '../../ui/button'
import { Details } from '../../ui/details'
import { Field } from '../../ui/field'
import { Stack } from '../../ui/stack'
import { sentence } from '../../words/sentence'
import { dayOf } from '../../words/time'
import { Door } from './door'
import { PasswordInput } from './password-input'
import { useTokenOfAddress } from './token-of-address'
import { words } from './words'

const PASSWORD = '/data/attributes/password'

/** The screen that an invitation links to: the person chooses a password and is signed in. */
export function Invitation() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { token, forget } = useTokenOfAddress()
  const [password, setPassword] = useState('')
  const invited = useQuery({ ...invitationQuery(token), enabled: token !== '' })
  const attempt = useMutation<Session, Problem, { token: string; password: string }>({
    mutationFn: acceptInvitation,
    onSuccess: (session) => {
      forget()
      client.clear()
      client.setQueryData(sessionQuery.queryKey, session)
      navigate({ to: '/' })
    },
  })
  const wrong = attempt.error?.at(PASSWORD)
  if (token === '') {
    return (
      <Door title={words.noLinkTitle} hint={words.noLinkHint}>
        <Link to="/sign-in" className={buttonClasses('primary')}>
          {words.signIn}
        </Link>
      </Door>
    )
  }
  if (invited.error?.kind === 'invalid') {
    return (
      <Door title={words.endedTitle} hint={sentence(invited.error.message)}>
        <Link to="/sign-in" className={buttonClasses('primary')}>
          {words.signIn}
        </Link>
      </Door>
    )
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    attempt.mutate({ token, password })
  }
  return (
    <Door title={words.invitation} hint={words.invitationHint(invited.data?.organization)}>
      <form onSubmit={submit}>
        <Stack gap={4}>
          {attempt.error && !wrong && <ProblemNotice problem={attempt.error} />}
          {invited.data && (
            <Details
              facts={[
                [words.email, invited.data.emailAddress],
                [words.goodUntil, invited.data.endsAt && dayOf(new Date(invited.data.endsAt))],
              ]}
            />
          )}
          <Field label={words.password} hint={words.passwordHint} error={wrong}>
            <PasswordInput
              required
              autoFocus
              minLength={8}
              autoComplete="new-password"
              value={password}
              onChange={({ target }) => setPassword(target.value)}
            />
          </Field>
          <Button type="submit" look="primary" size="large" isWide isBusy={attempt.isPending}>
            {words.goIn}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}

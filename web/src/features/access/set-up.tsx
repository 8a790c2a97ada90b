import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Problem } from '../../api/problem'
import { type SetUp as Given, type Session, sessionQuery, setUp } from '../../api/session'
import { ProblemNotice } from '../../forms/problem-notice'
import { Button, buttonClasses } from '../../ui/button'
import { Checkbox } from '../../ui/checkbox'
import { Field, Input } from '../../ui/field'
import { Stack } from '../../ui/stack'
import { Door } from './door'
import { PasswordInput } from './password-input'
import { useTokenOfAddress } from './token-of-address'
import { words } from './words'

/** The first screen of a new installation: an organization, a user, and sample data. */
export function SetUp() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { token, forget } = useTokenOfAddress()
  const attempt = useMutation<Session, Problem, Given>({
    mutationFn: setUp,
    onSuccess: (session) => {
      forget()
      client.setQueryData(sessionQuery.queryKey, session)
      navigate({ to: '/' })
    },
  })
  if (attempt.error?.kind === 'conflict') {
    return (
      <Door title={words.alreadyTitle} hint={words.alreadyHint}>
        <Link to="/sign-in" className={buttonClasses('primary')}>
          {words.signIn}
        </Link>
      </Door>
    )
  }
  return (
    <Door title={words.setUp} hint={words.setUpHint} isWide>
      <SetUpForm tokenOfAddress={token} problem={attempt.error} isBusy={attempt.isPending} onSubmit={attempt.mutate} />
    </Door>
  )
}

const PREFIX = '/data/attributes/'
/** The members with a field in the form; other errors are shown above it. */
const PLACES = ['token', 'organization', 'email-address', 'password']

interface FormProps {
  tokenOfAddress: string
  problem: Problem | null
  isBusy: boolean
  onSubmit: (given: Given) => void
}

function SetUpForm({ tokenOfAddress, problem, isBusy, onSubmit }: FormProps) {
  const [given, setGiven] = useState<Given>({
    token: '',
    organization: '',
    email: '',
    password: '',
    sampleData: true,
  })
  const set = (name: keyof Given) => (event: { target: { value: string } }) =>
    setGiven({ ...given, [name]: event.target.value })
  const wrong = (name: string) => problem?.at(`${PREFIX}${name}`)
  const isPlaced = problem?.findings.every(({ pointer }) => pointer && PLACES.includes(pointer.slice(PREFIX.length)))

  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit({ ...given, token: given.token || tokenOfAddress })
  }

  return (
    <form onSubmit={submit}>
      <Stack gap={4}>
        {!isPlaced && <ProblemNotice problem={problem} />}
        {(!tokenOfAddress || problem?.kind === 'forbidden') && (
          <Field label={words.token} hint={words.tokenHint} error={wrong('token')}>
            <Input required autoComplete="off" value={given.token} onChange={set('token')} />
          </Field>
        )}
        <Field label={words.organization} hint={words.organizationHint} error={wrong('organization')}>
          <Input required autoComplete="organization" value={given.organization} onChange={set('organization')} />
        </Field>
        <Field label={words.email} error={wrong('email-address')}>
          <Input required type="email" autoComplete="username" value={given.email} onChange={set('email')} />
        </Field>
        <Field label={words.password} hint={words.passwordHint} error={wrong('password')}>
          <PasswordInput
            required
            minLength={8}
            autoComplete="new-password"
            value={given.password}
            onChange={set('password')}
          />
        </Field>
        <Checkbox
          label={words.sampleData}
          hint={words.sampleDataHint}
          isChecked={given.sampleData}
          onChange={(sampleData) => setGiven({ ...given, sampleData })}
        />
        <Button type="submit" look="primary" size="large" isWide isBusy={isBusy}>
          {words.create}
        </Button>
        {isBusy && given.sampleData && <p role="status">{words.creating}</p>}
      </Stack>
    </form>
  )
}

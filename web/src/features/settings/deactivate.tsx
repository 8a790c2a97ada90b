import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Resource } from '../../api/document'
import { nameOfPerson, type UserAttributes } from '../../api/resources'
import { useSession } from '../../api/session'
import { useChange } from '../../forms/change'
import { ChangedMeanwhile } from '../../forms/opened'
import { usePeople } from '../../forms/people'
import { ProblemNotice } from '../../forms/problem-notice'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Select } from '../../ui/field'
import { Notice } from '../../ui/notice'
import { Picker } from '../../ui/picker'
import { Stack } from '../../ui/stack'
import { toast } from '../../ui/toast'
import { deactivate, etagOf, type OpenCasesChoice, useOpenCases } from './open-cases'
import { words } from './words'

type Person = Resource<UserAttributes>

const CHOICES: OpenCasesChoice[] = ['leave', 'unassign', 'reassign']

interface DeactivateProps {
  /** The person as the list shows them now. */
  person: Person
  /** The person as the list showed them when the dialog was opened. */
  opened: Person
  onClose: () => void
}

/**
 * Deactivates a person, and asks what happens to their open cases. For a deactivated person, it asks only the latter.
 */
export function Deactivate({ person, opened: first, onClose }: DeactivateProps) {
  const { environment } = useSession()
  const client = useQueryClient()
  const [choice, setChoice] = useState<OpenCasesChoice>()
  const [to, setTo] = useState<string>()
  const [opened, setOpened] = useState(first)
  const name = nameOfPerson(person.attributes)
  const isActive = person.attributes.active
  const counted = useOpenCases(person.id)
  const count = counted.data?.data.attributes.count ?? 0
  const choices = isActive ? CHOICES : CHOICES.filter((one) => one !== 'leave')
  const chosen = choice ?? choices[0] ?? 'leave'
  const act = useChange<Awaited<ReturnType<typeof deactivate>>>({
    send: (_, { signal }) => deactivate(opened, count > 0 ? chosen : 'leave', to, signal),
    onSuccess: ({ moved, count: left }) => {
      const told = isActive ? words.nowDeactivated(name) : words.casesGivenAway
      toast.done(told, { detail: words.casesTold(moved, left) })
      onClose()
    },
    onSettled: () => Promise.all(['user', 'case'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  })
  const isStale = !act.isPending && (etagOf(opened) !== etagOf(person) || act.error?.kind === 'stale')
  const look = () => {
    setOpened(person)
    act.reset()
  }
  const isReady = !isStale && counted.isFetched && (chosen !== 'reassign' || count === 0 || to !== undefined)
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={isActive ? words.deactivateTitle(name) : words.giveAwayTitle(name)}
      description={isActive ? words.deactivateHint : words.giveAwayHint}
      actions={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button
            look={isActive ? 'danger' : 'primary'}
            isBusy={act.isPending}
            disabled={!isReady || (!isActive && count === 0)}
            onClick={() => act.mutate()}
          >
            {isActive ? words.deactivateDeed : words.giveAwayDeed}
          </Button>
        </>
      }
    >
      <Stack gap={4}>
        {isStale ? (
          <ChangedMeanwhile
            objectId={person.id}
            since={etagOf(opened)}
            now={words.isNow(name, words.roles[person.attributes.role] ?? person.attributes.role, isActive)}
            onLook={look}
          />
        ) : (
          <ProblemNotice problem={act.error ?? counted.error} />
        )}
        {counted.data && (
          <Notice
            tone={count > 0 ? 'warn' : 'info'}
            action={
              count > 0 && (
                <Link to="/cases" search={{ assignee: person.attributes.emailAddress }}>
                  {words.seeCases}
                </Link>
              )
            }
          >
            {words.openCases(
              count,
              counted.data.data.attributes.areMore,
              words.environments[environment] ?? environment,
            )}
          </Notice>
        )}
        {count > 0 && (
          <Field label={words.whatOfCases}>
            <Select value={chosen} onChange={({ target }) => setChoice(target.value as OpenCasesChoice)}>
              {choices.map((one) => (
                <option key={one} value={one}>
                  {words.caseChoices[one]}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {count > 0 && chosen === 'reassign' && <NextPerson than={person} value={to} onChange={setTo} />}
      </Stack>
    </Dialog>
  )
}

interface NextPersonProps {
  /** The current assignee of the cases. */
  than: Person
  value: string | undefined
  onChange: (email: string) => void
}

function NextPerson({ than, value, onChange }: NextPersonProps) {
  const others = (usePeople() ?? []).filter(({ id, isActive }) => id !== than.id && isActive)
  return (
    <Field label={words.reassignTo}>
      <Picker
        choices={others.map(({ email, name }) => ({ value: email, label: name, detail: email }))}
        value={value}
        placeholder={words.choosePerson}
        whenEmpty={words.noOtherPerson}
        onChange={onChange}
      />
    </Field>
  )
}

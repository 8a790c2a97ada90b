import { useState } from 'react'
import { call } from '../../api/client'
import type { One, Resource } from '../../api/document'
import type { UserAttributes } from '../../api/resources'
import { useChange } from '../../forms/change'
import { ProblemNotice } from '../../forms/problem-notice'
import { Field, Input, Select } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { Stack } from '../../ui/stack'
import { AdminQuestion } from './admin-question'
import { words } from './words'

type WithLink = UserAttributes & { invitation: string }

interface AddPersonProps {
  onAdded: (added: Resource<WithLink>) => void
  onClose: () => void
}

/** Asks for the new person and the role. The role of an administrator needs a confirmation. */
export function AddPerson({ onAdded, onClose }: AddPersonProps) {
  const [given, setGiven] = useState({ name: '', emailAddress: '', role: 'analyst' })
  const [isAsking, setIsAsking] = useState(false)
  const add = useChange<Resource<WithLink>, typeof given>({
    send: async (attributes, sending) => {
      const body = { data: { attributes } }
      const answer = await call<One<WithLink>, '/users'>('post', '/users', { body, ...sending })
      return answer.value.data
    },
    onSuccess: (added) => onAdded(added),
    onSettled: () => setIsAsking(false),
  })
  const wrong = (name: string) => add.error?.at(`/data/attributes/${name}`)
  const isPlaced = wrong('name') || wrong('email-address') || wrong('role')
  const isReady = given.name.trim() !== '' && given.emailAddress.trim() !== ''
  return (
    <FormDialog
      title={words.addPerson}
      description={words.addHint}
      leave={words.cancel}
      deed={words.addPersonDeed}
      isReady={isReady}
      isBusy={add.isPending}
      onSubmit={() => (given.role === 'admin' ? setIsAsking(true) : add.mutate(given))}
      onClose={onClose}
    >
      <Stack gap={4}>
        {!isPlaced && <ProblemNotice problem={add.error} />}
        <Field label={words.fullName} error={wrong('name')}>
          <Input
            autoFocus
            maxLength={200}
            value={given.name}
            onChange={({ target }) => setGiven({ ...given, name: target.value })}
          />
        </Field>
        <Field label={words.email} error={wrong('email-address')}>
          <Input
            type="email"
            maxLength={254}
            value={given.emailAddress}
            onChange={({ target }) => setGiven({ ...given, emailAddress: target.value })}
          />
        </Field>
        <Field label={words.role} hint={words.roleHints[given.role]} error={wrong('role')}>
          <Select value={given.role} onChange={({ target }) => setGiven({ ...given, role: target.value })}>
            {Object.entries(words.roles).map(([role, label]) => (
              <option key={role} value={role}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
      </Stack>
      <AdminQuestion
        name={isAsking ? given.name.trim() : undefined}
        isBusy={add.isPending}
        onConfirm={() => add.mutate(given)}
        onClose={() => setIsAsking(false)}
      />
    </FormDialog>
  )
}

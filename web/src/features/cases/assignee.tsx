import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client'
import type { Resource } from '../../api/document'
import type { CaseAttributes } from '../../api/resources'
import { useMay, useSession } from '../../api/session'
import { useChange } from '../../forms/change'
import { useConnectionNote } from '../../forms/connection-note'
import { ChangedMeanwhile } from '../../forms/opened'
import { usePeople, usePersonOf } from '../../forms/people'
import type { ShownVersion } from '../../forms/steady'
import { words as forms } from '../../forms/words'
import { Button } from '../../ui/button'
import { Card } from '../../ui/card'
import { Notice } from '../../ui/notice'
import { onceAClick } from '../../ui/once-a-click'
import { Picker } from '../../ui/picker'
import { Row, Stack } from '../../ui/stack'
import { toast } from '../../ui/toast'
import { caseQuery } from './case-page'
import { words } from './words'

interface Wanted {
  email: string | undefined
  etag: string | undefined
}

/** The assignee of the case. */
export function Assignee({ of, version }: { of: Resource<CaseAttributes>; version: ShownVersion }) {
  const { etag, steady, accept } = version
  const { user } = useSession()
  const mayWrite = useMay('case.write')
  const offNote = useConnectionNote()
  const people = usePeople() ?? []
  const find = usePersonOf()
  const client = useQueryClient()
  /** The assignee when the list of people was opened. */
  const [opened, setOpened] = useState<string>()
  const now = of.attributes.assigneeId
  const nameOf = (email: string | null | undefined) => (email ? (find(email)?.name ?? email) : words.unassignedName)
  const assign = useChange<{ etag: string | undefined }, Wanted>({
    send: ({ email, etag: ifMatch }, sending) => {
      const common = { path: { 'case-id': of.id }, ...(ifMatch ? { ifMatch } : {}), ...sending }
      return email === undefined
        ? call('post', '/cases/{case-id}/unassign', { ...common, body: {} })
        : call('post', '/cases/{case-id}/assign', { ...common, body: { meta: { userEmailAddress: email } } })
    },
    outcome: async () => {
      const { data } = await client.fetchQuery({ ...caseQuery(of.id), staleTime: 0 })
      return words.isAssigned(data.attributes.name, nameOf(data.attributes.assigneeId))
    },
    onSuccess: (answer, { email }) => {
      accept(answer.etag)
      toast.done(email === undefined ? words.unassigned : words.assigned(nameOf(email)))
    },
    onError: (problem) => {
      if (problem.kind !== 'stale') toast.failed(words.cantAssign, { detail: problem.message })
    },
    onSettled: () => void client.invalidateQueries({ queryKey: ['case'] }),
  })
  const isOff = !mayWrite || offNote !== undefined || assign.isPending
  const holder = find(now)
  const offered = people.filter(({ isActive, email }) => isActive || email === now)
  const choices = offered.map(({ email, name, isActive }) => ({
    value: email,
    label: isActive ? name : forms.deactivatedPerson(name),
    detail: email,
    isDisabled: !isActive,
  }))
  const isLeft = choices.some(({ value, isDisabled }) => value === now && isDisabled)
  return (
    <Card title={words.assignee}>
      <Stack gap={2}>
        {assign.error?.kind === 'stale' && (
          <ChangedMeanwhile
            objectId={of.id}
            since={assign.asked?.etag}
            now={words.isAssigned(of.attributes.name, nameOf(now))}
            onLook={() => {
              accept(etag)
              setOpened(etag)
              assign.reset()
            }}
          />
        )}
        <Picker
          label={words.assignee}
          choices={choices}
          value={holder?.email ?? now ?? undefined}
          placeholder={words.nobody}
          disabled={isOff}
          onOpen={() => setOpened(steady)}
          onChange={(email) => email !== now && assign.mutate({ email, etag: opened ?? steady })}
        />
        {isLeft && <Notice tone="warn">{words.assigneeLeft}</Notice>}
        {mayWrite && (
          <Row>
            <Button
              size="small"
              disabled={isOff || now === user.email}
              onClick={onceAClick(() => assign.mutate({ email: user.email, etag: steady }))}
            >
              {words.assignToMe}
            </Button>
            <Button
              size="small"
              look="quiet"
              disabled={isOff || !now}
              onClick={onceAClick(() => assign.mutate({ email: undefined, etag: steady }))}
            >
              {words.unassign}
            </Button>
          </Row>
        )}
      </Stack>
    </Card>
  )
}

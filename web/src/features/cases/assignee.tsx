import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client'
import type { Resource } from '../../api/document'
import type { Problem } from '../../api/problem'
import { type CaseAttributes, nameOfPerson } from '../../api/resources'
import { useMay, useSession } from '../../api/session'
import { Button } from '../../ui/button'
import { Card } from '../../ui/card'
import { onceAClick } from '../../ui/once-a-click'
import { Picker } from '../../ui/picker'
import { Row, Stack } from '../../ui/stack'
import { toast } from '../../ui/toast'
import { usersQuery } from './users'
import { words } from './words'

/** Who looks after the case. */
export function Assignee({ of, etag }: { of: Resource<CaseAttributes>; etag: string | undefined }) {
  const { user } = useSession()
  const mayWrite = useMay('case.write')
  const users = useQuery({ ...usersQuery, enabled: useMay('user.read') }).data?.data ?? []
  const client = useQueryClient()
  const now = of.attributes.assigneeId
  const assign = useMutation<unknown, Problem, string | undefined>({
    mutationFn: (email) => {
      const common = { path: { 'case-id': of.id }, ...(etag ? { ifMatch: etag } : {}) }
      return email === undefined
        ? call('post', '/cases/{case-id}/unassign', { ...common, body: {} })
        : call('post', '/cases/{case-id}/assign', { ...common, body: { meta: { userEmailAddress: email } } })
    },
    onSuccess: (_, email) => toast.done(email === undefined ? words.unassigned : words.assigned(email)),
    onError: (problem) => toast.failed(words.cantAssign, { detail: problem.message }),
    onSettled: () => client.invalidateQueries({ queryKey: ['case'] }),
  })
  const choices = users.map(({ attributes }) => ({
    value: attributes.emailAddress,
    label: nameOfPerson(attributes),
    detail: attributes.emailAddress,
  }))
  return (
    <Card title={words.assignee}>
      <Stack gap={2}>
        <Picker
          label={words.assignee}
          choices={choices}
          value={now ?? undefined}
          placeholder={words.nobody}
          disabled={!mayWrite || assign.isPending}
          onChange={(email) => email !== now && assign.mutate(email)}
        />
        {mayWrite && (
          <Row>
            {now !== user.email && (
              <Button size="small" disabled={assign.isPending} onClick={onceAClick(() => assign.mutate(user.email))}>
                {words.assignToMe}
              </Button>
            )}
            {now && (
              <Button
                size="small"
                look="quiet"
                disabled={assign.isPending}
                onClick={onceAClick(() => assign.mutate(undefined))}
              >
                {words.unassign}
              </Button>
            )}
          </Row>
        )}
      </Stack>
    </Card>
  )
}

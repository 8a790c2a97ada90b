import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Ellipsis, Plus } from 'lucide-react'
import { useState } from 'react'
import { call, root } from '../../api/client'
import type { One, Resource } from '../../api/document'
import type { Problem } from '../../api/problem'
import { listQuery } from '../../api/queries'
import { nameOfPerson, type UserAttributes } from '../../api/resources'
import { useMay } from '../../api/session'
import { ListTable } from '../../forms/list-table'
import { Once } from '../../forms/once'
import { Badge } from '../../ui/badge'
import { Button, IconButton } from '../../ui/button'
import { Confirm } from '../../ui/dialog'
import { Menu, MenuItem, MenuLine } from '../../ui/menu'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { toast } from '../../ui/toast'
import { AddPerson } from './add-person'
import { words } from './words'

type Person = Resource<UserAttributes>
type Invited = Resource<UserAttributes & { invitation: string }>

interface Change {
  person: Person
  attributes: { role?: string; active?: boolean }
  told: (name: string) => string
}

const nameOf = ({ attributes }: Person) => nameOfPerson(attributes)

/** Who is in the organization: added, given a role, deactivated. */
export function People() {
  const mayWrite = useMay('user.write')
  const client = useQueryClient()
  const [isAdding, setIsAdding] = useState(false)
  const [leaving, setLeaving] = useState<Person>()
  const [link, setLink] = useState<Invited>()
  const query = useInfiniteQuery(listQuery<UserAttributes, '/users'>(['user', 'list'], '/users', {}))
  const again = () => client.invalidateQueries({ queryKey: ['user'] })
  const change = useMutation<unknown, Problem, Change>({
    mutationFn: ({ person, attributes }) =>
      call('patch', '/users/{user-id}', { path: { 'user-id': person.id }, body: { data: { attributes } } }),
    onSuccess: (_, { person, told }) => {
      toast.done(told(nameOf(person)))
      return again()
    },
    onError: (problem, { person }) => toast.failed(words.notChanged(nameOf(person)), { detail: problem.message }),
    onSettled: () => setLeaving(undefined),
  })
  const invite = useMutation<Invited, Problem, Person>({
    mutationFn: async ({ id }) => {
      const path = { 'user-id': id }
      const answer = await call<One<UserAttributes & { invitation: string }>, '/users/{user-id}/invite'>(
        'post',
        '/users/{user-id}/invite',
        { path },
      )
      return answer.value.data
    },
    onSuccess: (invited) => {
      setLink(invited)
      return again()
    },
    onError: (problem, person) => toast.failed(words.notChanged(nameOf(person)), { detail: problem.message }),
  })
  const button = mayWrite && (
    <Button look="primary" icon={<Plus size={14} />} onClick={() => setIsAdding(true)}>
      {words.addPerson}
    </Button>
  )
  const deeds = {
    change: change.mutate,
    invite: invite.mutate,
    deactivate: setLeaving,
  }
  return (
    <Page title={words.people} body="bare" actions={button}>
      <ListTable
        query={query}
        label={words.people}
        columns={columnsWith(mayWrite ? deeds : undefined)}
        empty={<Empty title={words.noPeople} hint={words.noPeopleHint} action={button} />}
      />
      {isAdding && (
        <AddPerson
          onAdded={(added) => {
            setIsAdding(false)
            setLink(added)
            return again()
          }}
          onClose={() => setIsAdding(false)}
        />
      )}
      {link && (
        <Once
          title={words.linkFor(nameOf(link))}
          secret={new URL(link.attributes.invitation.slice(1), root).href}
          onClose={() => setLink(undefined)}
        />
      )}
      <Confirm
        isOpen={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={words.deactivateTitle(leaving ? nameOf(leaving) : '')}
        description={words.deactivateHint}
        confirm={words.deactivateDeed}
        isDangerous
        isBusy={change.isPending}
        onConfirm={() =>
          leaving && change.mutate({ person: leaving, attributes: { active: false }, told: words.nowDeactivated })
        }
      />
    </Page>
  )
}

interface Deeds {
  change: (change: Change) => void
  invite: (person: Person) => void
  deactivate: (person: Person) => void
}

function columnsWith(deeds: Deeds | undefined): Column<Person>[] {
  return [
    { key: 'name', label: words.name, cell: nameOf },
    { key: 'email', label: words.email, isMuted: true, cell: ({ attributes }) => attributes.emailAddress },
    {
      key: 'role',
      label: words.role,
      width: 9,
      cell: ({ attributes }) => words.roles[attributes.role] ?? attributes.role,
    },
    { key: 'standing', label: words.standing, width: 9, cell: (person) => <Standing person={person} /> },
    {
      key: 'since',
      label: words.since,
      width: 8,
      align: 'end',
      isMuted: true,
      cell: ({ attributes }) => <Moment at={attributes.createdAt} />,
    },
    {
      key: 'deeds',
      label: '',
      width: 4,
      align: 'end',
      cell: (person) => deeds && <DeedsOf person={person} deeds={deeds} />,
    },
  ]
}

function Standing({ person: { attributes } }: { person: Person }) {
  if (!attributes.active) return <Badge>{words.deactivated}</Badge>
  if (attributes.invitationEndsAt !== null) return <Badge tone="info">{words.invited}</Badge>
  return <Badge tone="good">{words.active}</Badge>
}

function DeedsOf({ person, deeds }: { person: Person; deeds: Deeds }) {
  const { role, active } = person.attributes
  const others = Object.entries(words.roles).filter(([other]) => other !== role)
  return (
    <Menu
      align="end"
      trigger={<IconButton label={words.deedsOf(nameOf(person))} icon={<Ellipsis size={16} />} size="small" />}
    >
      {others.map(([other, label]) => (
        <MenuItem
          key={other}
          onSelect={() => deeds.change({ person, attributes: { role: other }, told: words.changed })}
        >
          {words.makeRole(label)}
        </MenuItem>
      ))}
      <MenuLine />
      {active ? (
        <>
          <MenuItem onSelect={() => deeds.invite(person)}>{words.newLink}</MenuItem>
          <MenuItem isDangerous onSelect={() => deeds.deactivate(person)}>
            {words.deactivate}
          </MenuItem>
        </>
      ) : (
        <MenuItem onSelect={() => deeds.change({ person, attributes: { active: true }, told: words.nowActive })}>
          {words.reactivate}
        </MenuItem>
      )}
    </Menu>
  )
}

import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Ellipsis, Plus } from 'lucide-react'
import { useState } from 'react'
import { call, root } from '../../api/client'
import type { One, Resource } from '../../api/document'
import { listQuery } from '../../api/queries'
import { nameOfPerson, type UserAttributes } from '../../api/resources'
import { useMay } from '../../api/session'
import { useChange } from '../../forms/change'
import { ListTable } from '../../forms/list-table'
import { Once } from '../../forms/once'
import { Badge } from '../../ui/badge'
import { Button, IconButton } from '../../ui/button'
import { Menu, MenuItem, MenuLine } from '../../ui/menu'
import { Moment } from '../../ui/moment'
import { useIsNarrow } from '../../ui/narrow'
import { Page } from '../../ui/page'
import { Muted, Row } from '../../ui/stack'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { toast } from '../../ui/toast'
import { AddPerson } from './add-person'
import { AdminQuestion } from './admin-question'
import { Deactivate } from './deactivate'
import { etagOf, useOpenCases } from './open-cases'
import { PersonHistory } from './person-history'
import { words } from './words'

type Person = Resource<UserAttributes>
type Invited = Resource<UserAttributes & { invitation: string }>

interface Change {
  person: Person
  attributes: { role?: string; active?: boolean }
  told: (name: string) => string
}

const nameOf = ({ attributes }: Person) => nameOfPerson(attributes)

/** The users of the organization: added, given a role, deactivated. */
export function People() {
  const mayWrite = useMay('user.write')
  const client = useQueryClient()
  const [isAdding, setIsAdding] = useState(false)
  const mayReadEvents = useMay('event.read')
  const [leaving, setLeaving] = useState<Person>()
  const [rising, setRising] = useState<Person>()
  const [looking, setLooking] = useState<Person>()
  const [link, setLink] = useState<Invited>()
  const isNarrow = useIsNarrow('40rem')
  const query = useInfiniteQuery(listQuery<UserAttributes, '/users'>(['user', 'list'], '/users', {}))
  const rows = query.data?.rows ?? []
  const again = () => client.invalidateQueries({ queryKey: ['user'] })
  const change = useChange<unknown, Change>({
    send: ({ person, attributes }, { signal }) =>
      call('patch', '/users/{user-id}', {
        path: { 'user-id': person.id },
        body: { data: { attributes } },
        ifMatch: etagOf(person),
        signal,
      }),
    onSuccess: (_, { person, told }) => {
      toast.done(told(nameOf(person)))
      return again()
    },
    onError: (problem, { person }) => {
      const detail = problem.kind === 'stale' ? words.changedMeanwhile : problem.message
      toast.failed(words.notChanged(nameOf(person)), { detail })
      return again()
    },
    onSettled: () => setRising(undefined),
  })
  const invite = useChange<Invited, Person>({
    send: async ({ id }, sending) => {
      const path = { 'user-id': id }
      const answer = await call<One<UserAttributes & { invitation: string }>, '/users/{user-id}/invite'>(
        'post',
        '/users/{user-id}/invite',
        { path, ...sending },
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
  const deeds: Deeds = {
    change: change.mutate,
    invite: invite.mutate,
    makeAdmin: setRising,
    deactivate: setLeaving,
  }
  return (
    <Page title={words.people} body="bare" actions={button}>
      <ListTable
        query={query}
        label={words.people}
        columns={columnsWith(mayWrite ? deeds : undefined, mayReadEvents ? setLooking : undefined, isNarrow)}
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
      {leaving && (
        <Deactivate
          person={rows.find(({ id }) => id === leaving.id) ?? leaving}
          opened={leaving}
          onClose={() => setLeaving(undefined)}
        />
      )}
      {looking && <PersonHistory person={looking} onClose={() => setLooking(undefined)} />}
      <AdminQuestion
        name={rising && nameOf(rising)}
        isBusy={change.isPending}
        onConfirm={() =>
          rising && change.mutate({ person: rising, attributes: { role: 'admin' }, told: words.changed })
        }
        onClose={() => {
          change.cancel()
          setRising(undefined)
        }}
      />
    </Page>
  )
}

interface Deeds {
  change: (change: Change) => void
  invite: (person: Person) => void
  makeAdmin: (person: Person) => void
  deactivate: (person: Person) => void
}

/** The columns on a phone, which fit without horizontal scrolling. */
const NARROW = new Set(['name', 'role', 'deeds'])

function columnsWith(
  deeds: Deeds | undefined,
  onHistory: ((person: Person) => void) | undefined,
  isNarrow: boolean,
): Column<Person>[] {
  const columns: Column<Person>[] = [
    { key: 'name', label: words.name, cell: (person) => <Name person={person} isNarrow={isNarrow} /> },
    { key: 'email', label: words.email, isMuted: true, cell: ({ attributes }) => attributes.emailAddress },
    {
      key: 'role',
      label: words.role,
      width: 9,
      cell: ({ attributes }) => words.roles[attributes.role] ?? attributes.role,
    },
    { key: 'standing', label: words.standing, width: 14, cell: (person) => <Standing person={person} /> },
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
      cell: (person) => (deeds || onHistory) && <DeedsOf person={person} deeds={deeds} onHistory={onHistory} />,
    },
  ]
  return isNarrow ? columns.filter(({ key }) => NARROW.has(key)) : columns
}

/** A person's name; on a phone also the content of the hidden columns. */
function Name({ person, isNarrow }: { person: Person; isNarrow: boolean }) {
  const { active, emailAddress, invitationEndsAt } = person.attributes
  if (!isNarrow) return nameOf(person)
  return (
    <span title={emailAddress}>
      {nameOf(person)}
      {(!active || invitationEndsAt !== null) && <Muted> {active ? words.invited : words.deactivated}</Muted>}
    </span>
  )
}

function Standing({ person: { id, attributes } }: { person: Person }) {
  const counted = useOpenCases(id, !attributes.active).data?.data.attributes
  if (!attributes.active) {
    return (
      <Row>
        <Badge>{words.deactivated}</Badge>
        {counted && counted.count > 0 && (
          <Link to="/cases" search={{ assignee: attributes.emailAddress }}>
            {words.stillAssigned(counted.count, counted.areMore)}
          </Link>
        )}
      </Row>
    )
  }
  if (attributes.invitationEndsAt !== null) return <Badge tone="info">{words.invited}</Badge>
  return <Badge tone="good">{words.active}</Badge>
}

interface DeedsOfProps {
  person: Person
  deeds: Deeds | undefined
  onHistory: ((person: Person) => void) | undefined
}

function DeedsOf({ person, deeds, onHistory }: DeedsOfProps) {
  return (
    <Menu
      align="end"
      trigger={<IconButton label={words.deedsOf(nameOf(person))} icon={<Ellipsis size={16} />} size="small" />}
    >
      {deeds && <Changes person={person} deeds={deeds} />}
      {deeds && onHistory && <MenuLine />}
      {onHistory && <MenuItem onSelect={() => onHistory(person)}>{words.history}</MenuItem>}
    </Menu>
  )
}

/** The actions are based on the person as the row showed them when the menu opened. */
function Changes({ person: now, deeds }: { person: Person; deeds: Deeds }) {
  const [person] = useState(now)
  const { role, active } = person.attributes
  const others = Object.entries(words.roles).filter(([other]) => other !== role)
  const give = (other: string) =>
    other === 'admin'
      ? deeds.makeAdmin(person)
      : deeds.change({ person, attributes: { role: other }, told: words.changed })
  return (
    <>
      {others.map(([other, label]) => (
        <MenuItem key={other} onSelect={() => give(other)}>
          {other === 'admin' ? words.makeAdmin : words.makeRole(label)}
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
        <>
          <MenuItem onSelect={() => deeds.deactivate(person)}>{words.giveAway}</MenuItem>
          <MenuItem onSelect={() => deeds.change({ person, attributes: { active: true }, told: words.nowActive })}>
            {words.reactivate}
          </MenuItem>
        </>
      )}
    </>
  )
}

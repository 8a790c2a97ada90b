import { useInfiniteQuery } from '@tanstack/react-query'
import type { Resource } from '../../api/document'
import { listQuery } from '../../api/queries'
import { ListTable } from '../../forms/list-table'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { words } from './words'

interface UserAttributes {
  emailAddress: string
  nameFirst: string | null
  nameLast: string | null
  createdAt: string
}

/** Who is in the organization. */
export function People() {
  const query = useInfiniteQuery(listQuery<UserAttributes, '/users'>(['user', 'list'], '/users', {}))
  return (
    <Page title={words.people} body="bare">
      <ListTable
        query={query}
        label={words.people}
        columns={columns}
        empty={<Empty title={words.noPeople} hint={words.noPeopleHint} />}
      />
    </Page>
  )
}

const columns: Column<Resource<UserAttributes>>[] = [
  {
    key: 'name',
    label: words.name,
    cell: ({ attributes }) =>
      [attributes.nameFirst, attributes.nameLast].filter(Boolean).join(' ') || attributes.emailAddress,
  },
  { key: 'email', label: words.email, isMuted: true, cell: ({ attributes }) => attributes.emailAddress },
  {
    key: 'since',
    label: words.since,
    width: 8,
    align: 'end',
    isMuted: true,
    cell: ({ attributes }) => <Moment at={attributes.createdAt} />,
  },
]

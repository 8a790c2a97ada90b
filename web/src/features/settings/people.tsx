import { useInfiniteQuery } from '@tanstack/react-query'
import type { Resource } from '../../api/document'
import { listQuery } from '../../api/queries'
import { ListState } from '../../forms/query-state'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { type Column, Table } from '../../ui/table'
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
      <ListState
        query={query}
        isFiltered={false}
        onClear={() => {}}
        empty={<Empty title={words.noPeople} hint={words.noPeopleHint} />}
      >
        {(rows) => (
          <Table
            label={words.people}
            columns={columns}
            rows={rows}
            keyOf={({ id }) => id}
            hasMore={query.hasNextPage}
            isLoadingMore={query.isFetchingNextPage}
            onMore={query.fetchNextPage}
          />
        )}
      </ListState>
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

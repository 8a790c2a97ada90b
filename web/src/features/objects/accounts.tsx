import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { Resource } from '../../api/document'
import { listQuery } from '../../api/queries'
import { type AccountAttributes, nameInFields, nameOfAccount } from '../../api/resources'
import { ListTable } from '../../forms/list-table'
import { SearchInput } from '../../ui/field'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { words } from './words'

type Account = Resource<AccountAttributes>

/** Every account of the environment, newest first. The filter is in the URL. */
export function Accounts() {
  const { reference } = useSearch({ from: '/shell/objects/accounts' })
  const navigate = useNavigate({ from: '/objects/accounts' })
  const search = (text: string) => navigate({ search: { reference: text || undefined }, replace: true })
  const query = useInfiniteQuery(
    listQuery<AccountAttributes, '/accounts'>(['account', 'list', reference], '/accounts', {
      query: { 'filter[reference-id]': reference },
    }),
  )
  return (
    <Page
      title={words.accounts}
      body="bare"
      toolbar={<SearchInput label={words.searchByReference} value={reference ?? ''} onChange={search} />}
    >
      <ListTable
        query={query}
        label={words.accounts}
        columns={columns}
        onClear={reference ? () => search('') : undefined}
        empty={<Empty title={words.empty} hint={words.emptyHint} />}
      />
    </Page>
  )
}

const columns: Column<Account>[] = [
  {
    key: 'reference',
    label: words.reference,
    cell: (account) => (
      <Link to="/objects/accounts/$accountId" params={{ accountId: account.id }} data-row-link>
        {nameOfAccount(account.id, account.attributes)}
      </Link>
    ),
  },
  { key: 'name', label: words.name, cell: (account) => nameInFields(account.attributes.fields) },
  { key: 'type', label: words.type, width: 9, isMuted: true, cell: (account) => account.attributes.accountTypeName },
  { key: 'status', label: words.status, width: 9, isMuted: true, cell: (account) => account.attributes.accountStatus },
  {
    key: 'created',
    label: words.created,
    width: 8,
    isMuted: true,
    align: 'end',
    cell: (account) => <Moment at={account.attributes.createdAt} />,
  },
]

import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Resource } from '../../api/document'
import { listQuery } from '../../api/queries'
import { type InquiryAttributes, nameOfInquiry } from '../../api/resources'
import { ListTable } from '../../forms/list-table'
import { Badge } from '../../ui/badge'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { ofName } from '../../words/name'
import { words } from './words'

type Inquiry = Resource<InquiryAttributes>

/** Every inquiry, newest first. */
export function Inquiries() {
  const query = useInfiniteQuery(listQuery<InquiryAttributes, '/inquiries'>(['inquiry', 'list'], '/inquiries', {}))
  return (
    <Page title={words.inquiries} body="bare">
      <ListTable
        query={query}
        label={words.inquiries}
        columns={columns}
        empty={<Empty title={words.noInquiries} hint={words.noInquiriesHint} />}
      />
    </Page>
  )
}

const columns: Column<Inquiry>[] = [
  {
    key: 'name',
    label: words.inquiry,
    cell: (inquiry) => (
      <Link to="/objects/inquiries/$inquiryId" params={{ inquiryId: inquiry.id }} data-row-link>
        {nameOfInquiry(inquiry.id, inquiry.attributes)}
      </Link>
    ),
  },
  { key: 'id', label: words.id, isMuted: true, cell: ({ id }) => id },
  {
    key: 'status',
    label: words.status,
    width: 9,
    cell: ({ attributes }) => <Badge>{ofName(attributes.status)}</Badge>,
  },
  {
    key: 'created',
    label: words.created,
    width: 8,
    align: 'end',
    isMuted: true,
    cell: ({ attributes }) => <Moment at={attributes.createdAt} />,
  },
]

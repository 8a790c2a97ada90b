import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { related } from '../../api/document'
import { oneQuery } from '../../api/queries'
import { type InquiryAttributes, nameOfInquiry } from '../../api/resources'
import { AccountName } from '../../forms/names'
import { QueryState } from '../../forms/query-state'
import { RedactButton, RedactedNotice } from '../../forms/redact'
import { Badge } from '../../ui/badge'
import { Card } from '../../ui/card'
import { CopyId } from '../../ui/copy-id'
import { Details } from '../../ui/details'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Stack } from '../../ui/stack'
import { ofName } from '../../words/name'
import { CasesCard, FieldsCard, HistoryCard } from './related'
import { useSourceOfInquiry } from './source-of'
import { words } from './words'

/** One attempt of a person to verify their identity. */
export function InquiryPage() {
  const { inquiryId } = useParams({ from: '/shell/objects/inquiries/$inquiryId' })
  const query = useQuery(
    oneQuery<InquiryAttributes, '/inquiries/{inquiry-id}'>(['inquiry', inquiryId], '/inquiries/{inquiry-id}', {
      path: { 'inquiry-id': inquiryId },
    }),
  )
  const source = useSourceOfInquiry(inquiryId)
  return (
    <QueryState query={query} title={words.inquiry}>
      {({ data, etag }) => {
        const { id, attributes } = data
        const account = related(data, 'account')
        const facts: [string, ReactNode][] = [[words.status, <Badge key="status">{ofName(attributes.status)}</Badge>]]
        if (account) {
          const link = (
            <Link key="account" to="/objects/accounts/$accountId" params={{ accountId: account.id }}>
              <AccountName id={account.id} />
            </Link>
          )
          facts.push([words.account, link])
        }
        facts.push([words.created, <Moment key="created" at={attributes.createdAt} isExact />])
        if (attributes.completedAt)
          facts.push([words.completed, <Moment key="completed" at={attributes.completedAt} isExact />])
        if (source) facts.push([words.reportedBy, source])
        if (attributes.tags.length > 0) facts.push([words.tags, attributes.tags.join(', ')])
        return (
          <Page
            title={nameOfInquiry(id, attributes)}
            crumbs={[
              <Link key="inquiries" to="/objects/inquiries">
                {words.inquiries}
              </Link>,
            ]}
            beside={<CopyId id={id} />}
            actions={
              <RedactButton
                kind="inquiry"
                id={id}
                name={nameOfInquiry(id, attributes)}
                etag={etag}
                redactedAt={attributes.redactedAt}
              />
            }
            body="column"
          >
            <Stack>
              <RedactedNotice at={attributes.redactedAt} />
              <Card title={words.facts}>
                <Details facts={facts} />
              </Card>
              <FieldsCard fields={attributes.fields} />
              <CasesCard filter="inquiry-id" id={id} />
              <HistoryCard id={id} />
            </Stack>
          </Page>
        )
      }}
    </QueryState>
  )
}

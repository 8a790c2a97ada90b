import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { oneQuery } from '../../api/queries'
import { type AccountAttributes, nameOfAccount } from '../../api/resources'
import { QueryState } from '../../forms/query-state'
import { RedactButton, RedactedNotice } from '../../forms/redact'
import { Card } from '../../ui/card'
import { CopyId } from '../../ui/copy-id'
import { Details } from '../../ui/details'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Stack } from '../../ui/stack'
import { ofName } from '../../words/name'
import { CasesCard, FieldsCard, HistoryCard } from './related'
import { useSourceOfAccount } from './source-of'
import { words } from './words'

/** A person or business, and its cases. */
export function AccountPage() {
  const { accountId } = useParams({ from: '/shell/objects/accounts/$accountId' })
  const query = useQuery(
    oneQuery<AccountAttributes, '/accounts/{account-id}'>(['account', accountId], '/accounts/{account-id}', {
      path: { 'account-id': accountId },
    }),
  )
  const source = useSourceOfAccount(accountId)
  return (
    <QueryState query={query} title={words.account}>
      {({ data: { id, attributes }, etag }) => (
        <Page
          title={nameOfAccount(id, attributes)}
          crumbs={[
            <Link key="accounts" to="/objects/accounts" search={{ reference: undefined }}>
              {words.accounts}
            </Link>,
          ]}
          beside={<CopyId id={id} />}
          actions={
            <RedactButton
              kind="account"
              id={id}
              name={nameOfAccount(id, attributes)}
              etag={etag}
              redactedAt={attributes.redactedAt}
            />
          }
          body="column"
        >
          <Stack>
            <RedactedNotice at={attributes.redactedAt} />
            <Card title={words.facts}>
              <Details
                facts={[
                  [words.type, attributes.accountTypeName],
                  [words.status, ofName(attributes.accountStatus ?? '')],
                  [words.created, <Moment key="created" at={attributes.createdAt} isExact />],
                  ...(source ? [[words.reportedBy, source] as [string, ReactNode]] : []),
                ]}
              />
            </Card>
            <FieldsCard fields={attributes.fields} />
            <CasesCard filter="account-id" id={id} />
            <HistoryCard id={id} />
          </Stack>
        </Page>
      )}
    </QueryState>
  )
}

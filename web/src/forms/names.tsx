import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { oneQuery } from '../api/queries'
import {
  type AccountAttributes,
  type CaseAttributes,
  type InquiryAttributes,
  nameOfAccount,
  nameOfInquiry,
} from '../api/resources'
import { useMay } from '../api/session'
import { words } from './words'

/** The name of a case of which only the id is known. */
export function CaseName({ id }: { id: string }) {
  const query = useQuery({
    ...oneQuery<CaseAttributes, '/cases/{case-id}'>(['case', id], '/cases/{case-id}', { path: { 'case-id': id } }),
    enabled: useMay('case.read'),
  })
  return <>{query.data?.data.attributes.name ?? words.aCase}</>
}

/** The same for an account: its reference, or its person. */
export function AccountName({ id }: { id: string }) {
  const query = useQuery({
    ...oneQuery<AccountAttributes, '/accounts/{account-id}'>(['account', id], '/accounts/{account-id}', {
      path: { 'account-id': id },
    }),
    enabled: useMay('account.read'),
  })
  return <>{query.data ? nameOfAccount(id, query.data.data.attributes) : id}</>
}

/** The same for an inquiry: its person. */
export function InquiryName({ id }: { id: string }) {
  const query = useQuery({
    ...oneQuery<InquiryAttributes, '/inquiries/{inquiry-id}'>(['inquiry', id], '/inquiries/{inquiry-id}', {
      path: { 'inquiry-id': id },
    }),
    enabled: useMay('inquiry.read'),
  })
  return <>{query.data ? nameOfInquiry(id, query.data.data.attributes) : id}</>
}

/** An object of which only the id is known: its type and its name, with a link. */
export function ObjectName({ id }: { id: string }) {
  switch (id.split('_')[0]) {
    case 'act':
      return (
        <>
          {words.kinds.account}{' '}
          <Link to="/objects/accounts/$accountId" params={{ accountId: id }}>
            <AccountName id={id} />
          </Link>
        </>
      )
    case 'inq':
      return (
        <>
          {words.kinds.inquiry}{' '}
          <Link to="/objects/inquiries/$inquiryId" params={{ inquiryId: id }}>
            <InquiryName id={id} />
          </Link>
        </>
      )
    case 'case':
      return (
        <Link to="/cases/$caseId" params={{ caseId: id }}>
          <CaseName id={id} />
        </Link>
      )
    default:
      return <>{words.objectCalled(id)}</>
  }
}

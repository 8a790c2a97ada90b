import { useQuery } from '@tanstack/react-query'
import { oneQuery } from '../api/queries'
import type { AccountAttributes, CaseAttributes } from '../api/resources'
import { useMay } from '../api/session'
import { words } from './words'

/** What a case is called of which only the id is known. */
export function CaseName({ id }: { id: string }) {
  const query = useQuery({
    ...oneQuery<CaseAttributes, '/cases/{case-id}'>(['case', id], '/cases/{case-id}', { path: { 'case-id': id } }),
    enabled: useMay('case.read'),
  })
  return <>{query.data?.data.attributes.name ?? words.aCase}</>
}

/** The same for an account: its reference, where it has one. */
export function AccountName({ id }: { id: string }) {
  const query = useQuery({
    ...oneQuery<AccountAttributes, '/accounts/{account-id}'>(['account', id], '/accounts/{account-id}', {
      path: { 'account-id': id },
    }),
    enabled: useMay('account.read'),
  })
  return <>{query.data?.data.attributes.referenceId ?? id}</>
}

import { useQuery } from '@tanstack/react-query'
import { oneQuery } from '../../api/queries'
import type { AccountAttributes, InquiryAttributes } from '../../api/resources'

/** The first source that reported an account, if any: the API shows it on request. */
export function useSourceOfAccount(id: string) {
  const query = useQuery(
    oneQuery<AccountAttributes, '/accounts/{account-id}'>(['account', id, 'source'], '/accounts/{account-id}', {
      path: { 'account-id': id },
      query: { 'fields[account]': 'source' },
    }),
  )
  return query.data?.data.attributes.source?.name
}

/** The same for an inquiry. */
export function useSourceOfInquiry(id: string) {
  const query = useQuery(
    oneQuery<InquiryAttributes, '/inquiries/{inquiry-id}'>(['inquiry', id, 'source'], '/inquiries/{inquiry-id}', {
      path: { 'inquiry-id': id },
      query: { 'fields[inquiry]': 'source' },
    }),
  )
  return query.data?.data.attributes.source?.name
}

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { call } from '../../api/client'
import type { Many } from '../../api/document'

export interface Result {
  id: string
  kind: string
  label: string
  detail: string
}

/** The server's results for a text: cases by their key, workflows by name, objects by id. */
export function searchQuery(asked: string) {
  return queryOptions({
    queryKey: ['search', asked],
    queryFn: async ({ signal }): Promise<Result[]> => {
      const answer = await call<Many<Omit<Result, 'id'>>, '/search'>('get', '/search', {
        query: { q: asked.slice(0, 100) },
        signal,
      })
      return answer.value.data.map(({ id, attributes }) => ({ ...attributes, id }))
    },
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  })
}

/** The screen of an object. */
export function placeOf(kind: string, id: string) {
  switch (kind) {
    case 'case':
      return { to: '/cases/$caseId', params: { caseId: id } } as const
    case 'case-template':
      return { to: '/cases/templates/$templateId', params: { templateId: id } } as const
    case 'workflow':
      return { to: '/workflows/$workflowId', params: { workflowId: id } } as const
    case 'workflow-run':
      return { to: '/runs/$runId', params: { runId: id } } as const
    case 'account':
      return { to: '/objects/accounts/$accountId', params: { accountId: id } } as const
    case 'inquiry':
      return { to: '/objects/inquiries/$inquiryId', params: { inquiryId: id } } as const
    case 'event':
      return { to: '/developers/events', search: { event: id } } as const
    default:
      return undefined
  }
}

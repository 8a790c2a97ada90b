import { useQuery } from '@tanstack/react-query'
import { call } from '../api/client'
import type { Many, Resource } from '../api/document'
import { related } from '../api/document'
import type { CaseAttributes, CaseTemplateAttributes, FieldSchema, StatusType } from '../api/resources'
import { StatusChip } from '../ui/status-chip'

export interface Status {
  id: string
  name: string
  type: StatusType
  color: string | null
}

export interface Template {
  id: string
  name: string
  fields: FieldSchema[]
  statuses: Status[]
}

/** Every case template with its statuses: a short list that every screen with a case needs. */
export const templatesQuery = {
  queryKey: ['case-template', 'list', 'with-statuses'] as const,
  queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Template[]> => {
    const query = { 'page[size]': 100 }
    const templates = await call<Many<CaseTemplateAttributes>, '/case-templates'>('get', '/case-templates', {
      query,
      signal,
    })
    return Promise.all(
      templates.value.data.map(async ({ id, attributes }) => {
        const path = { 'case-template-id': id }
        const statuses = await call<Many<Omit<Status, 'id'>>, '/case-templates/{case-template-id}/statuses'>(
          'get',
          '/case-templates/{case-template-id}/statuses',
          { path, signal },
        )
        return {
          id,
          name: attributes.name,
          fields: attributes.fieldSchemas,
          statuses: statuses.value.data.map((status) => ({ ...status.attributes, id: status.id })),
        }
      }),
    )
  },
  staleTime: 60_000,
}

/** The templates, once they are loaded. */
export function useTemplates(): Template[] | undefined {
  return useQuery(templatesQuery).data
}

/** The status of a case in its template's color. */
export function CaseStatus({ of, isBoxed }: { of: Resource<CaseAttributes>; isBoxed?: boolean }) {
  const templates = useTemplates()
  const template = templates?.find(({ id }) => id === related(of, 'caseTemplate')?.id)
  const status = template?.statuses.find(({ name }) => name === of.attributes.status)
  return <StatusChip name={of.attributes.status} type={status?.type} colour={status?.color ?? null} isBoxed={isBoxed} />
}

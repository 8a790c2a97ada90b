import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { oneQuery, wholeQuery } from '../../api/queries'
import type { CaseTemplateAttributes } from '../../api/resources'
import type { Shown } from '../../api/shapes'
import { QueryState } from '../../forms/query-state'
import { CopyId } from '../../ui/copy-id'
import { Page } from '../../ui/page'
import { Stack } from '../../ui/stack'
import type { StatusAttributes } from './edited-statuses'
import { FieldsEditor } from './fields-editor'
import { StatusesEditor } from './statuses-editor'
import { words } from './words'

/** A case template: its statuses and its fields. */
export function CaseTemplatePage() {
  const { templateId } = useParams({ from: '/shell/cases/templates/$templateId' })
  const path = { 'case-template-id': templateId }
  const template = useQuery(
    oneQuery<CaseTemplateAttributes, '/case-templates/{case-template-id}'>(
      ['case-template', templateId],
      '/case-templates/{case-template-id}',
      { path },
    ),
  )
  const statuses = useQuery(
    wholeQuery<StatusAttributes, '/case-templates/{case-template-id}/statuses'>(
      ['case-template', templateId, 'statuses'],
      '/case-templates/{case-template-id}/statuses',
      { path },
    ),
  )
  // The published contract has no slug on one template; Docket's list does.
  const list = useQuery(
    wholeQuery<Shown<'list-case-templates'>, '/case-templates'>(
      ['case-template', 'list', 'slug', templateId],
      '/case-templates',
      { query: { 'filter[id]': templateId } },
    ),
  )
  const slug = list.data?.data[0]?.attributes.slug
  return (
    <QueryState query={template} title={words.template}>
      {({ data, etag }) => (
        <Page
          title={data.attributes.name}
          crumbs={[
            <Link key="templates" to="/cases/templates">
              {words.templates}
            </Link>,
          ]}
          beside={slug && <CopyId id={slug} />}
          body="column"
        >
          <Stack>
            <QueryState query={statuses}>
              {(list) => (
                <StatusesEditor
                  key={templateId}
                  templateId={templateId}
                  etag={etag}
                  statuses={list.data.map(({ id, attributes }) => ({ id, ...attributes }))}
                />
              )}
            </QueryState>
            <FieldsEditor
              key={`${templateId} fields`}
              templateId={templateId}
              etag={etag}
              fields={data.attributes.fieldSchemas}
            />
          </Stack>
        </Page>
      )}
    </QueryState>
  )
}

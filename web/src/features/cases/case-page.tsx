import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { type Resource, related } from '../../api/document'
import { oneQuery } from '../../api/queries'
import type { CaseAttributes, FieldSchema } from '../../api/resources'
import { useSession } from '../../api/session'
import { CaseStatus, useTemplates } from '../../forms/case-status'
import { QueryState } from '../../forms/query-state'
import { RedactButton, RedactedNotice } from '../../forms/redact'
import { type ShownVersion, useSteady } from '../../forms/steady'
import { valuesInWords } from '../../forms/values'
import { Badge } from '../../ui/badge'
import { Card } from '../../ui/card'
import { CopyId } from '../../ui/copy-id'
import { Details } from '../../ui/details'
import { placeFor, useKept } from '../../ui/kept'
import { Moment } from '../../ui/moment'
import { useIsNarrow } from '../../ui/narrow'
import { Page } from '../../ui/page'
import { Muted } from '../../ui/stack'
import { ofName } from '../../words/name'
import { Assignee } from './assignee'
import styles from './case-page.module.css'
import { Decision } from './decision'
import { HeldObjects } from './held-objects'
import { Timeline } from './timeline'
import { words } from './words'

export const caseQuery = (caseId: string) =>
  oneQuery<CaseAttributes, '/cases/{case-id}'>(['case', caseId], '/cases/{case-id}', { path: { 'case-id': caseId } })

/** A case: its fields and objects, its timeline, and the decision. */
export function CasePage() {
  const { caseId } = useParams({ from: '/shell/cases/$caseId' })
  const query = useQuery(caseQuery(caseId))
  return (
    <QueryState query={query} title={words.case}>
      {({ data, etag }) => <Shown key={data.id} of={data} etag={etag} />}
    </QueryState>
  )
}

function Shown({ of, etag }: { of: Resource<CaseAttributes>; etag: string | undefined }) {
  const { attributes } = of
  const { user } = useSession()
  const [draft, setDraft] = useKept<string>(placeFor(user.id, 'comment', of.id))
  const fields = useTemplates()?.find(({ id }) => id === related(of, 'caseTemplate')?.id)?.fields
  const fieldName = (key: string) => fields?.find((field) => field.key === key)?.label ?? ofName(key)
  const comment = { draft: draft ?? '', onDraft: (text: string) => setDraft(text || undefined) }
  const isNarrow = useIsNarrow('64rem')
  const fieldsCard = (
    <Card title={words.fields}>
      <RedactedNotice at={attributes.redactedAt} />
      {!attributes.redactedAt && <Fields of={of} />}
    </Card>
  )
  const objects = (
    <Card title={words.objects} isBare>
      <HeldObjects caseId={of.id} />
    </Card>
  )
  const timeline = (
    <Card title={words.timeline}>
      <Timeline caseId={of.id} isRedacted={Boolean(attributes.redactedAt)} fieldName={fieldName} {...comment} />
    </Card>
  )
  const [steady, accept] = useSteady(etag)
  const version: ShownVersion = { etag, steady, accept }
  const decision = <Decision of={of} version={version} {...comment} />
  const assignee = <Assignee of={of} version={version} />
  const facts = <Facts of={of} />
  // The fields come before the decision, in one column too.
  return (
    <Page
      title={attributes.name}
      crumbs={[
        <Link key="cases" to="/cases">
          {words.back}
        </Link>,
      ]}
      beside={
        <>
          <CaseStatus of={of} isBoxed />
          <CopyId id={of.id} />
        </>
      }
      actions={
        <RedactButton kind="case" id={of.id} name={attributes.name} etag={etag} redactedAt={attributes.redactedAt} />
      }
      body="bare"
    >
      {isNarrow ? (
        <div className={styles.narrow}>
          {fieldsCard}
          {facts}
          {objects}
          {decision}
          {assignee}
          {timeline}
        </div>
      ) : (
        <div className={styles.page}>
          <div className={styles.main}>
            {fieldsCard}
            {objects}
            {timeline}
          </div>
          <div className={styles.side}>
            {decision}
            {assignee}
            {facts}
          </div>
        </div>
      )}
    </Page>
  )
}

function Fields({ of }: { of: Resource<CaseAttributes> }) {
  const template = useTemplates()?.find(({ id }) => id === related(of, 'caseTemplate')?.id)
  const fields = new Map(template?.fields.map((field) => [field.key, field]))
  const order = [...fields.keys()]
  const set = Object.entries(of.attributes.fields).sort(([one], [other]) => order.indexOf(one) - order.indexOf(other))
  if (set.length === 0) return <Muted>{fields.size === 0 ? words.noTemplateFields : words.noFieldsSet}</Muted>
  const facts = valuesInWords(set.map(([key, value]) => ({ key, value, type: fields.get(key)?.type })))
  return (
    <Details facts={facts.map(({ key, shown }) => [named(fields.get(key), key, of.attributes.fields[key]), shown])} />
  )
}

/** The label of a value: its field's, with the reason if the value does not match the template now. */
function named(field: FieldSchema | undefined, key: string, value: unknown): string {
  const label = field?.label ?? ofName(key)
  if (!field || field.config.archivedAt) return words.fieldGone(label)
  return fits(field, value) ? label : words.fieldOfType(label, words.fieldTypes[field.type] ?? field.type)
}

/** Whether a value matches the current type of its field; dates and options are recognized by their text. */
function fits({ type, config }: FieldSchema, value: unknown): boolean {
  switch (type) {
    case 'integer':
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)
    case 'datetime':
      return typeof value === 'string' && value.includes('T')
    case 'choices':
      return typeof value === 'string' && (config.options ?? []).includes(value)
    default:
      return typeof value === 'string'
  }
}

function Facts({ of: { attributes, ...of } }: { of: Resource<CaseAttributes> }) {
  const template = useTemplates()?.find(({ id }) => id === related({ attributes, ...of }, 'caseTemplate')?.id)
  const facts: [string, React.ReactNode][] = [
    [words.template, template?.name ?? ''],
    [words.created, <Moment key="created" at={attributes.createdAt} isExact />],
  ]
  if (attributes.updatedAt) facts.push([words.updated, <Moment key="updated" at={attributes.updatedAt} isExact />])
  if (attributes.resolvedAt) facts.push([words.resolved, <Moment key="resolved" at={attributes.resolvedAt} isExact />])
  if (attributes.resolution) facts.push([words.resolution, attributes.resolution])
  if (attributes.tags.length > 0) {
    facts.push([
      words.tags,
      <span key="tags" className={styles.tags}>
        {attributes.tags.map((tag) => (
          <Badge key={tag}>{tag}</Badge>
        ))}
      </span>,
    ])
  }
  return (
    <Card title={words.facts}>
      <Details facts={facts} />
    </Card>
  )
}

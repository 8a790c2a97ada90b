import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { type Resource, related } from '../../api/document'
import { listQuery } from '../../api/queries'
import type { Shown } from '../../api/shapes'
import { ListTable } from '../../forms/list-table'
import { useWorkflowNames } from '../../forms/workflow-names'
import { Badge, type Tone } from '../../ui/badge'
import { Button } from '../../ui/button'
import { Select } from '../../ui/field'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { sentence } from '../../words/sentence'
import { duration } from '../../words/time'
import { Starter } from './starter'
import { words } from './words'

/** The contract's status is the same for a run with failed steps as for one without; the outcome is not. */
type RunAttributes = Shown<'list-outcomes-of-workflow-runs'>

type Run = Resource<RunAttributes>

const TONES: Record<string, Tone> = {
  errored: 'bad',
  completed_with_errors: 'warn',
  completed: 'good',
  running: 'info',
}

/** The outcome of a run, or that it is in progress. */
export function RunStatus({ status }: { status: string }) {
  return <Badge tone={TONES[status] ?? 'neutral'}>{words.statuses[status] ?? status}</Badge>
}

/** Every run, newest first; the filters are in the URL. */
export function AllRuns() {
  const { workflow, status } = useSearch({ from: '/shell/runs' })
  const navigate = useNavigate({ from: '/runs' })
  const names = useWorkflowNames()
  const query = useInfiniteQuery(
    listQuery<RunAttributes, '/workflow-run-outcomes'>(
      ['workflow-run', 'list', workflow, status],
      '/workflow-run-outcomes',
      { query: { 'filter[workflow-id]': workflow, 'filter[status]': status } },
    ),
  )
  const columns = useMemo(() => columnsWith(names ?? new Map()), [names])
  const filter = (next: { workflow?: string | undefined; status?: string | undefined }) =>
    navigate({ search: (old) => ({ ...old, ...next }), replace: true })
  return (
    <Page
      title={words.runs}
      body="bare"
      toolbar={
        <>
          <Select
            aria-label={words.workflow}
            value={workflow ?? ''}
            onChange={({ target }) => filter({ workflow: target.value || undefined })}
          >
            <option value="">{words.anyWorkflow}</option>
            {[...(names ?? [])].map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
          <Select
            aria-label={words.status}
            value={status ?? ''}
            onChange={({ target }) => filter({ status: target.value || undefined })}
          >
            <option value="">{words.anyStatus}</option>
            {Object.entries(words.statuses).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        </>
      }
    >
      <ListTable
        query={query}
        label={words.runs}
        columns={columns}
        onClear={status ? () => filter({ workflow: undefined, status: undefined }) : undefined}
        empty={
          workflow ? (
            <Empty
              title={words.runsOfEmpty}
              hint={words.runsOfEmptyHint}
              action={<Button onClick={() => filter({ workflow: undefined })}>{words.allRuns}</Button>}
            />
          ) : (
            <Empty title={words.runsEmpty} hint={words.runsEmptyHint} />
          )
        }
      />
    </Page>
  )
}

function columnsWith(names: Map<string, string>): Column<Run>[] {
  return [
    {
      key: 'workflow',
      label: words.workflow,
      cell: (run) => (
        <Link to="/runs/$runId" params={{ runId: run.id }} search={{ step: undefined }} data-row-link>
          {names.get(related(run, 'workflow')?.id ?? '') ?? run.id}
        </Link>
      ),
    },
    {
      key: 'status',
      label: words.status,
      width: 11.5,
      cell: (run) => <RunStatus status={run.attributes.outcome} />,
    },
    { key: 'subject', label: words.subject, width: 9.5, cell: (run) => <Subject run={run} /> },
    {
      key: 'failure',
      label: words.reason,
      isMuted: true,
      cell: ({ attributes: { failure } }) =>
        failure && (
          <span title={words.failure(failure.stepName, failure.details ?? '')}>{sentence(failure.details ?? '')}</span>
        ),
    },
    {
      key: 'by',
      label: words.startedBy,
      width: 8.5,
      isMuted: true,
      cell: (run) => <Starter of={run.attributes.startedBy} />,
    },
    { key: 'took', label: words.took, width: 6, isMuted: true, align: 'end', cell: (run) => tookOf(run) },
    {
      key: 'started',
      label: words.started,
      width: 8,
      isMuted: true,
      align: 'end',
      cell: (run) => <Moment at={run.attributes.createdAt} />,
    },
  ]
}

/** The object of the run, with a link. */
function Subject({ run: { attributes } }: { run: Run }) {
  const { subject } = attributes
  if (!subject) return null
  const name = subject.name ?? subject.id
  switch (subject.type) {
    case 'case':
      return (
        <Link to="/cases/$caseId" params={{ caseId: subject.id }}>
          {name}
        </Link>
      )
    case 'account':
      return (
        <Link to="/objects/accounts/$accountId" params={{ accountId: subject.id }}>
          {name}
        </Link>
      )
    case 'inquiry':
      return (
        <Link to="/objects/inquiries/$inquiryId" params={{ inquiryId: subject.id }}>
          {name}
        </Link>
      )
    default:
      return <span title={subject.id}>{name}</span>
  }
}

function tookOf({ attributes }: Run): string {
  if (attributes.completedAt === null) return ''
  return duration((Date.parse(attributes.completedAt) - Date.parse(attributes.createdAt)) / 1000)
}

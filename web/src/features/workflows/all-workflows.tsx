import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { Resource } from '../../api/document'
import { listQuery, wholeQuery } from '../../api/queries'
import { useMay } from '../../api/session'
import type { Shown } from '../../api/shapes'
import { ListTable } from '../../forms/list-table'
import { Badge, type Tone } from '../../ui/badge'
import { BarChart, type Day } from '../../ui/bar-chart'
import { Button } from '../../ui/button'
import { SearchInput } from '../../ui/field'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Row } from '../../ui/stack'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { CreateWorkflow } from './create-workflow'
import { type EventType, eventInWords, useEventTypes } from './editor/catalogue'
import { words } from './words'

type ListedAttributes = Shown<'list-workflows'>

type Workflow = Resource<ListedAttributes>

interface Statistics {
  runs: number
  failures: number
  days: Day[]
}

/** Every workflow: its state, its trigger, and its latest runs. */
export function AllWorkflows() {
  const mayWrite = useMay('workflow.write')
  const [text, setText] = useState('')
  const { create: isCreating } = useSearch({ from: '/shell/workflows' })
  const navigate = useNavigate({ from: '/workflows' })
  const setIsCreating = (create: boolean) => navigate({ search: { create: create || undefined }, replace: true })
  const query = useInfiniteQuery(
    listQuery<ListedAttributes, '/workflows'>(['workflow', 'list', text], '/workflows', {
      query: { 'filter[text]': text, 'filter[state]': 'draft,running,paused' },
    }),
  )
  const statistics = useStatistics(query.data?.rows ?? [])
  const eventTypes = useEventTypes()
  const columns = useMemo(() => columnsWith(statistics, eventTypes ?? []), [statistics, eventTypes])
  const create = mayWrite && (
    <Button look="primary" icon={<Plus size={14} />} onClick={() => setIsCreating(true)}>
      {words.create}
    </Button>
  )
  return (
    <Page
      title={words.allWorkflows}
      body="bare"
      actions={create}
      toolbar={<SearchInput label={words.search} value={text} onChange={setText} />}
    >
      <ListTable
        query={query}
        label={words.allWorkflows}
        columns={columns}
        onClear={text !== '' ? () => setText('') : undefined}
        empty={<Empty title={words.empty} hint={words.emptyHint} action={create} />}
      />
      {isCreating && mayWrite && <CreateWorkflow onClose={() => setIsCreating(false)} />}
    </Page>
  )
}

/** Runs and failures of the visible workflows, by workflow. */
function useStatistics(workflows: Workflow[]): Map<string, Statistics> {
  const ids = workflows.slice(0, 100).map(({ id }) => id)
  const { data } = useQuery({
    ...wholeQuery<Statistics, '/workflows/statistics'>(
      ['workflow-run', 'list', 'statistics', ...ids],
      '/workflows/statistics',
      {
        query: { 'filter[workflow-id]': ids.join(',') },
      },
    ),
    enabled: ids.length > 0,
  })
  return useMemo(() => new Map(data?.data.map(({ id, attributes }) => [id, attributes])), [data])
}

const TONES: Record<string, Tone> = { running: 'good', paused: 'warn' }

function columnsWith(statistics: Map<string, Statistics>, eventTypes: EventType[]): Column<Workflow>[] {
  return [
    {
      key: 'name',
      label: words.name,
      cell: (workflow) => (
        <Link
          to="/workflows/$workflowId"
          params={{ workflowId: workflow.id }}
          search={{ step: undefined }}
          data-row-link
        >
          {workflow.attributes.name}
        </Link>
      ),
    },
    { key: 'state', label: words.state, width: 15, cell: ({ attributes }) => <State of={attributes} /> },
    {
      key: 'trigger',
      label: words.trigger,
      width: 16,
      isMuted: true,
      cell: ({ attributes }) => triggerOf(attributes, eventTypes),
    },
    {
      key: 'runs',
      label: words.lastDays,
      width: 8,
      cell: ({ id }) => {
        const days = statistics.get(id)?.days
        return days && <BarChart days={days} />
      },
    },
    {
      key: 'published',
      label: words.lastPublished,
      width: 9,
      align: 'end',
      isMuted: true,
      cell: ({ attributes }) => (attributes.publishedAt ? <Moment at={attributes.publishedAt} /> : words.never),
    },
  ]
}

function State({ of }: { of: ListedAttributes }) {
  const state = of.publishedAt === null && of.state !== 'archived' ? 'draft' : of.state
  return (
    <Row>
      <Badge tone={TONES[state] ?? 'neutral'}>{words.states[state] ?? state}</Badge>
      {of.hasDraft && state !== 'draft' && <Badge tone="info">{words.draftChanges}</Badge>}
    </Row>
  )
}

function triggerOf({ trigger }: ListedAttributes, eventTypes: EventType[]): string {
  if (trigger === null) return words.none
  return trigger.type === 'api' ? words.viaApi : trigger.events.map((name) => eventInWords(name, eventTypes)).join(', ')
}

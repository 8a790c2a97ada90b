import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type Resource, related } from '../../api/document'
import { listQuery, oneQuery } from '../../api/queries'
import type { EventAttributes } from '../../api/resources'
import { ContentRemoved } from '../../forms/content-removed'
import { nameOfThing } from '../../forms/event-line'
import { Actor, WorkflowOfRun } from '../../forms/event-sentence'
import { ListTable } from '../../forms/list-table'
import { CaseName } from '../../forms/names'
import { QueryState } from '../../forms/query-state'
import { Button } from '../../ui/button'
import { Json } from '../../ui/code'
import { CopyId } from '../../ui/copy-id'
import { Dialog } from '../../ui/dialog'
import { SearchInput } from '../../ui/field'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Stack } from '../../ui/stack'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { words } from './words'

type Event = Resource<EventAttributes>

/** Every event, newest first; each opens with its payload and its cause. */
export function Events() {
  const { event: open, name } = useSearch({ from: '/shell/developers/events' })
  const navigate = useNavigate({ from: '/developers/events' })
  const filter = (text: string) => navigate({ search: (old) => ({ ...old, name: text || undefined }), replace: true })
  const query = useInfiniteQuery(
    listQuery<EventAttributes, '/events'>(['event', 'list', name], '/events', { query: { 'filter[name]': name } }),
  )
  return (
    <Page
      title={words.events}
      body="bare"
      toolbar={<SearchInput label={words.anyEvent} value={name ?? ''} onChange={filter} />}
    >
      <ListTable
        query={query}
        label={words.events}
        columns={columns}
        onClear={name ? () => filter('') : undefined}
        empty={<Empty title={words.noEvents} hint={words.noEventsHint} />}
      />
      {open && (
        <OneEvent
          id={open}
          onClose={() => navigate({ search: (old) => ({ ...old, event: undefined }), replace: true })}
        />
      )}
    </Page>
  )
}

const columns: Column<Event>[] = [
  {
    key: 'name',
    label: words.eventName,
    width: 16,
    cell: (event) => (
      <Link from="/developers/events" to="." search={(old) => ({ ...old, event: event.id })} data-row-link>
        {event.attributes.name}
      </Link>
    ),
  },
  { key: 'object', label: words.object, cell: ({ attributes }) => <Named attributes={attributes} /> },
  {
    key: 'actor',
    label: words.actor,
    width: 16,
    isMuted: true,
    cell: ({ attributes }) => <Actor actor={attributes.context.actor} origin={attributes.context.origin} />,
  },
  {
    key: 'when',
    label: words.when,
    width: 8,
    align: 'end',
    isMuted: true,
    cell: ({ attributes }) => <Moment at={attributes.createdAt} />,
  },
]

/** The name of the event's object; for a comment, the name of its case. */
function Named({ attributes: { payload } }: { attributes: EventAttributes }) {
  const { data } = payload
  const commentedOn = data.type === 'case-comment' ? related(data, 'case') : undefined
  if (commentedOn) return <CaseName id={commentedOn.id} />
  if (data.type === 'workflow-run') {
    return (
      <>
        {words.runOf} <WorkflowOfRun runId={data.id} />
      </>
    )
  }
  return <span title={data.id}>{nameOfThing(data)}</span>
}

function OneEvent({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery(
    oneQuery<EventAttributes, '/events/{event-id}'>(['event', id], '/events/{event-id}', { path: { 'event-id': id } }),
  )
  return (
    <Dialog
      isOpen
      isWide
      onClose={onClose}
      title={query.data?.data.attributes.name ?? words.event}
      actions={<Button onClick={onClose}>{words.close}</Button>}
    >
      <QueryState query={query} isInline>
        {({ data }) => (
          <Stack>
            <CopyId id={data.id} isWhole />
            <ContentRemoved at={data.attributes.context.contentRemovedAt} />
            <Json label={words.context} value={data.attributes.context} />
            <Json label={words.payload} value={data.attributes.payload} />
          </Stack>
        )}
      </QueryState>
    </Dialog>
  )
}

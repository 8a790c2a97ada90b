import { useInfiniteQuery } from '@tanstack/react-query'
import type { Resource } from '../../api/document'
import { listQuery } from '../../api/queries'
import { type EventAttributes, nameOfPerson, type UserAttributes } from '../../api/resources'
import { Actor } from '../../forms/event-sentence'
import { ListTable } from '../../forms/list-table'
import { Dialog } from '../../ui/dialog'
import { Moment } from '../../ui/moment'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { words } from './words'

type Event = Resource<EventAttributes>

/**
 * The events of a person: when they were added, which roles they had, when they were deactivated, and by whose change.
 */
export function PersonHistory({ person, onClose }: { person: Resource<UserAttributes>; onClose: () => void }) {
  const query = useInfiniteQuery(
    listQuery<EventAttributes, '/events'>(['event', 'list', 'of', person.id], '/events', {
      query: { 'filter[object-id]': person.id },
    }),
  )
  return (
    <Dialog isOpen isWide onClose={onClose} title={words.historyOf(nameOfPerson(person.attributes))}>
      <ListTable
        query={query}
        label={words.history}
        columns={columns}
        empty={<Empty title={words.noHistory} hint={words.noHistoryHint} />}
      />
    </Dialog>
  )
}

const columns: Column<Event>[] = [
  { key: 'what', label: words.what, cell: ({ attributes }) => words.happened(attributes.name, attributes.context) },
  { key: 'who', label: words.who, isMuted: true, cell: ({ attributes }) => <Actor actor={attributes.context.actor} /> },
  {
    key: 'when',
    label: words.when,
    width: 9,
    align: 'end',
    isMuted: true,
    cell: ({ attributes }) => <Moment at={attributes.createdAt} />,
  },
]

import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listQuery } from '../../api/queries'
import type { EventAttributes } from '../../api/resources'
import { EventLine } from '../../forms/event-line'
import { ListState } from '../../forms/query-state'
import { Empty } from '../../ui/states'
import styles from './home.module.css'
import { words } from './lists-words'
import { Short } from './short'
import { words as homeWords } from './words'

/** The latest changes, by every actor. */
export function Latest() {
  const query = useInfiniteQuery(
    listQuery<EventAttributes, '/events'>(['event', 'list', 'latest'], '/events', { query: { 'page[size]': 10 } }),
  )
  return (
    <Short title={homeWords.latest} more={<Link to="/developers/events">{words.allEvents}</Link>}>
      <ListState
        query={query}
        isInline
        empty={<Empty isInline title={words.latestEmpty} hint={words.latestEmptyHint} />}
      >
        {(rows) => (
          <ul className={styles.list}>
            {rows.slice(0, 10).map((event) => (
              <EventLine key={event.id} event={event} />
            ))}
          </ul>
        )}
      </ListState>
    </Short>
  )
}

import { Link } from '@tanstack/react-router'
import type { Resource } from '../api/document'
import type { EventAttributes } from '../api/resources'
import { Moment } from '../ui/moment'
import styles from './event-line.module.css'
import { words } from './words'

/** One event in a sentence: who did what to which thing, and when. */
export function EventLine({ event }: { event: Resource<EventAttributes> }) {
  const { name, createdAt, context, payload } = event.attributes
  const thing = payload.data
  const to = typeof context.to === 'string' ? context.to : undefined
  return (
    <li className={styles.line}>
      <span className={styles.words}>
        <span className={styles.actor}>{actorOf(context.actor)}</span>{' '}
        <span className={styles.verb}>{words.events[name] ?? words.otherEvent(name)}</span> <Thing thing={thing} />
        {to && name === 'case.status-updated' && <span className={styles.verb}> {words.statusTo(to)}</span>}
      </span>
      <span className={styles.when}>
        <Moment at={createdAt} />
      </span>
    </li>
  )
}

function Thing({ thing }: { thing: EventAttributes['payload']['data'] }) {
  const name = typeof thing.attributes.name === 'string' ? thing.attributes.name : thing.id
  if (thing.type === 'case') {
    return (
      <Link className={styles.thing} to="/cases/$caseId" params={{ caseId: thing.id }}>
        {name}
      </Link>
    )
  }
  return <span className={styles.thing}>{name}</span>
}

/** Who acted, as people say it. */
export function actorOf(actor: EventAttributes['context']['actor']): string {
  switch (actor.type) {
    case 'user':
      return actor.shownAs ?? words.somebody
    case 'workflow-run':
      return words.workflow
    case 'api-key':
      return actor.shownAs ?? words.apiKey
    default:
      return actor.shownAs ?? words.system
  }
}

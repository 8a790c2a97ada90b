import { Link } from '@tanstack/react-router'
import { type Resource, related } from '../api/document'
import type { EventAttributes } from '../api/resources'
import { Moment } from '../ui/moment'
import styles from './event-line.module.css'
import { CaseName } from './names'
import { words } from './words'

/** One event in a sentence: who did what to which thing, and when. */
export function EventLine({ event }: { event: Resource<EventAttributes> }) {
  const { name, createdAt, context, payload } = event.attributes
  const thing = payload.data
  const to = typeof context.to === 'string' ? context.to : undefined
  return (
    <li className={styles.line}>
      <span className={styles.words}>
        <Actor actor={context.actor} />{' '}
        <span className={styles.verb}>{words.events[name] ?? words.otherEvent(name)}</span> <Thing thing={thing} />
        {to && name === 'case.status-updated' && <span className={styles.verb}> {words.statusTo(to)}</span>}
      </span>
      <span className={styles.when}>
        <Moment at={createdAt} />
      </span>
    </li>
  )
}

function Actor({ actor }: { actor: EventAttributes['context']['actor'] }) {
  const name = actorOf(actor)
  if (actor.type !== 'workflow-run' || actor.id === null) return <span className={styles.actor}>{name}</span>
  return (
    <Link className={styles.actor} to="/runs/$runId" params={{ runId: actor.id }}>
      {name}
    </Link>
  )
}

type ThingOf = EventAttributes['payload']['data']

function Thing({ thing }: { thing: ThingOf }) {
  const { id } = thing
  const name = nameOf(thing)
  const className = styles.thing
  const commentedOn = thing.type === 'case-comment' ? related(thing, 'case') : undefined
  if (commentedOn) {
    return (
      <Link className={className} to="/cases/$caseId" params={{ caseId: commentedOn.id }}>
        <CaseName id={commentedOn.id} />
      </Link>
    )
  }
  switch (thing.type) {
    case 'case':
      return (
        <Link className={className} to="/cases/$caseId" params={{ caseId: id }}>
          {name}
        </Link>
      )
    case 'workflow':
      return (
        <Link className={className} to="/workflows/$workflowId" params={{ workflowId: id }}>
          {name}
        </Link>
      )
    case 'workflow-run':
      return (
        <Link className={className} to="/runs/$runId" params={{ runId: id }}>
          {words.aRun}
        </Link>
      )
    case 'account':
      return (
        <Link className={className} to="/objects/accounts/$accountId" params={{ accountId: id }}>
          {name}
        </Link>
      )
    case 'inquiry':
      return (
        <Link className={className} to="/objects/inquiries/$inquiryId" params={{ inquiryId: id }}>
          {name}
        </Link>
      )
    default:
      return <span className={className}>{name}</span>
  }
}

/** What people call it: its name or its reference, else its id. */
function nameOf({ id, attributes }: ThingOf): string {
  const called = attributes.name ?? attributes.referenceId
  return typeof called === 'string' ? called : id
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

import { Link } from '@tanstack/react-router'
import { type Resource, related } from '../api/document'
import { type EventAttributes, nameInFields } from '../api/resources'
import { Moment } from '../ui/moment'
import styles from './event-line.module.css'
import { EventSentence, WorkflowOfRun } from './event-sentence'
import { CaseName } from './names'
import { amountIn } from './values'
import { words } from './words'

interface EventLineProps {
  event: Resource<EventAttributes>
  /** Whether it is on the page of the event's object. */
  isOwn?: boolean
}

/** One event in a sentence: the actor, the change, the object and the time. */
export function EventLine({ event, isOwn }: EventLineProps) {
  const { createdAt, payload } = event.attributes
  return (
    <li className={styles.line}>
      <span className={styles.words}>
        <EventSentence event={event.attributes} isOwn={isOwn} thing={<Thing thing={payload.data} />} />
      </span>
      <span className={styles.when}>
        <Moment at={createdAt} isExact={isOwn} />
      </span>
    </li>
  )
}

type ThingOf = EventAttributes['payload']['data']

function Thing({ thing }: { thing: ThingOf }) {
  const { id } = thing
  const name = nameOfThing(thing)
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
    case 'case-template':
      return (
        <Link className={className} to="/cases/templates/$templateId" params={{ templateId: id }}>
          {name}
        </Link>
      )
    case 'workflow':
      return (
        <Link
          className={className}
          to="/workflows/$workflowId"
          params={{ workflowId: id }}
          search={{ step: undefined }}
        >
          {name}
        </Link>
      )
    case 'workflow-run':
      return (
        <>
          {words.aRunOf}{' '}
          <Link className={className} to="/runs/$runId" params={{ runId: id }} search={{ step: undefined }}>
            <WorkflowOfRun runId={id} />
          </Link>
        </>
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

/** The name of an object: its name, the organization's reference, or its person; otherwise its id. */
export function nameOfThing({ id, attributes }: ThingOf): string {
  const called = attributes.name ?? attributes.referenceId
  const fields = attributes.fields as Parameters<typeof nameInFields>[0]
  return typeof called === 'string' && called !== '' ? called : nameInFields(fields) || amountIn(fields) || id
}

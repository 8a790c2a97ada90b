import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { related } from '../api/document'
import { oneQuery } from '../api/queries'
import type { EventAttributes, WorkflowAttributes } from '../api/resources'
import { useMay } from '../api/session'
import { ofName } from '../words/name'
import styles from './event-line.module.css'
import { words as eventWords } from './event-words'
import { ObjectName } from './names'
import { PersonName } from './people'
import { words } from './words'
import { useWorkflowNames } from './workflow-names'

interface EventSentenceProps {
  event: EventAttributes
  /** Whether it is on the page of the event's object, which needs no name there. */
  isOwn?: boolean
  /** Whether to add the reason, in one line. */
  hasReason?: boolean
  /** The name of the object, with a link. */
  thing?: ReactNode
  /** The label of a field. */
  fieldName?: (key: string) => string
}

/** An event as a sentence, with the reason if there is one. */
export function EventSentence({ event, isOwn, hasReason, thing, fieldName = ofName }: EventSentenceProps) {
  const { name, context } = event
  const comment = typeof context.comment === 'string' ? context.comment : undefined
  return (
    <>
      <Actor actor={context.actor} origin={context.origin} />{' '}
      {eventWords.happened(name, context, {
        thing: isOwn ? undefined : thing,
        person: (email) => <PersonName key={email} email={email} />,
        object: (id) => <ObjectName key={id} id={id} />,
        field: fieldName,
      })}
      {comment && hasReason && <span className={styles.said}>{words.quoted(comment)}</span>}
    </>
  )
}

interface ActorProps {
  actor: EventAttributes['context']['actor']
  origin?: EventAttributes['context']['origin'] | undefined
}

/** The actor: a person by name, a workflow by name with a link to the run, or the source that reported the event. */
export function Actor({ actor, origin }: ActorProps) {
  if (origin?.type === 'source') return <strong className={styles.actor}>{origin.name ?? words.source}</strong>
  switch (actor.type) {
    case 'user':
      return (
        <strong className={styles.actor}>
          <PersonName id={actor.id} email={actor.shownAs} />
        </strong>
      )
    case 'workflow-run':
      return actor.id === null ? (
        <strong className={styles.actor}>{words.workflow}</strong>
      ) : (
        <Link className={styles.actor} to="/runs/$runId" params={{ runId: actor.id }} search={{ step: undefined }}>
          <WorkflowOfRun runId={actor.id} />
        </Link>
      )
    case 'api-key':
      return (
        <strong className={styles.actor}>
          {actor.shownAs ? (
            <>
              {words.apiKeyOf} <PersonName email={actor.shownAs} />
            </>
          ) : (
            words.apiKey
          )}
        </strong>
      )
    default:
      return <strong className={styles.actor}>{actor.shownAs ?? words.system}</strong>
  }
}

/** The name of a run's workflow. */
export function WorkflowOfRun({ runId }: { runId: string }) {
  const mayRead = useMay('workflow.read')
  const names = useWorkflowNames()
  const run = useQuery({
    ...oneQuery<unknown, '/workflow-runs/{workflow-run-id}'>(
      ['workflow-run', runId],
      '/workflow-runs/{workflow-run-id}',
      { path: { 'workflow-run-id': runId } },
    ),
    enabled: mayRead,
    // The workflow of a run never changes.
    staleTime: Number.POSITIVE_INFINITY,
  })
  const workflowId = run.data && related(run.data.data, 'workflow')?.id
  const listed = workflowId === undefined ? undefined : names?.get(workflowId)
  const workflow = useQuery({
    ...oneQuery<WorkflowAttributes, '/workflows/{workflow-id}'>(
      ['workflow', workflowId ?? ''],
      '/workflows/{workflow-id}',
      { path: { 'workflow-id': workflowId ?? '' } },
    ),
    enabled: workflowId !== undefined && names !== undefined && listed === undefined,
  })
  return <>{listed ?? workflow.data?.data.attributes.name ?? words.workflow}</>
}

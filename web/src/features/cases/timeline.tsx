import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { call } from '../../api/client'
import type { Resource } from '../../api/document'
import { listQuery } from '../../api/queries'
import type { EventAttributes } from '../../api/resources'
import { useMay } from '../../api/session'
import { useChange } from '../../forms/change'
import { useConnectionNote } from '../../forms/connection-note'
import { EventSentence } from '../../forms/event-sentence'
import { PersonName } from '../../forms/people'
import { QueryState } from '../../forms/query-state'
import { Button } from '../../ui/button'
import { Field, TextArea } from '../../ui/field'
import { Moment } from '../../ui/moment'
import { Muted } from '../../ui/stack'
import { toast } from '../../ui/toast'
import { sentence } from '../../words/sentence'
import styles from './case-page.module.css'
import { type CommentAttributes, merged } from './entries'
import { words } from './words'

/** A comment that is being typed: kept until it is sent, by itself or with a status. */
export interface CommentDraft {
  draft: string
  onDraft: (text: string) => void
}

interface TimelineProps extends CommentDraft {
  caseId: string
  /** The content was erased: new comments are refused, and old ones are empty. */
  isRedacted: boolean
  /** The label of a field of the case. */
  fieldName: (key: string) => string
}

/** The events and comments of the case, newest first: who, what, when, and by which run. */
export function Timeline({ caseId, isRedacted, fieldName, ...comment }: TimelineProps) {
  const mayComment = useMay('case.write')
  const events = useInfiniteQuery(
    listQuery<EventAttributes, '/events'>(['event', 'list', 'case', caseId], '/events', {
      query: { 'filter[object-id]': caseId },
    }),
  )
  const comments = useInfiniteQuery(
    listQuery<CommentAttributes, '/cases/{case-id}/comments'>(
      ['case', caseId, 'comments'] as never,
      '/cases/{case-id}/comments',
      {
        path: { 'case-id': caseId },
      },
    ),
  )
  const hasMore = events.hasNextPage || comments.hasNextPage
  return (
    <>
      {mayComment && !isRedacted && <Composer caseId={caseId} {...comment} />}
      <QueryState query={events} isInline>
        {({ rows }) => {
          const entries = merged(rows, comments.data?.rows ?? [])
          if (entries.length === 0) return <Muted>{words.noEvents}</Muted>
          return (
            <ol className={styles.list}>
              {entries.map((entry) =>
                entry.kind === 'event' ? (
                  <Happened key={entry.event.id} event={entry.event} fieldName={fieldName} />
                ) : (
                  <Said key={entry.comment.id} comment={entry.comment} />
                ),
              )}
            </ol>
          )
        }}
      </QueryState>
      {hasMore && (
        <Button
          size="small"
          look="quiet"
          onClick={() => {
            if (events.hasNextPage) events.fetchNextPage()
            if (comments.hasNextPage) comments.fetchNextPage()
          }}
        >
          {words.loadMore}
        </Button>
      )}
    </>
  )
}

interface HappenedProps {
  event: Resource<EventAttributes>
  fieldName: (key: string) => string
}

function Happened({ event: { attributes }, fieldName }: HappenedProps) {
  const { context } = attributes
  const comment = typeof context.comment === 'string' ? context.comment : undefined
  const error = typeof context.error === 'string' ? context.error : undefined
  const run = typeof context.workflowRunId === 'string' ? context.workflowRunId : undefined
  return (
    <li className={styles.entry}>
      <span className={styles.line}>
        <span className={styles.what}>
          <EventSentence event={attributes} isOwn fieldName={fieldName} />
        </span>
        <span className={styles.when}>
          <Moment at={attributes.createdAt} isExact />
        </span>
      </span>
      {comment && <p className={styles.said}>{comment}</p>}
      {error && <p className={styles.failed}>{sentence(error)}</p>}
      {run && (
        <span className={styles.because}>
          <Link to="/runs/$runId" params={{ runId: run }} search={{ step: context.stepId }}>
            {words.seeRun}
          </Link>
        </span>
      )}
    </li>
  )
}

function Said({ comment: { attributes } }: { comment: Resource<CommentAttributes> }) {
  return (
    <li className={styles.entry}>
      <span className={styles.line}>
        <span className={styles.what}>
          <strong>
            <PersonName email={attributes.creatorId} />
          </strong>{' '}
          {words.said}
        </span>
        <span className={styles.when}>
          <Moment at={attributes.createdAt} isExact />
        </span>
      </span>
      {attributes.body ? <p className={styles.said}>{attributes.body}</p> : <Muted>{words.commentRedacted}</Muted>}
    </li>
  )
}

function Composer({ caseId, draft, onDraft }: { caseId: string } & CommentDraft) {
  const client = useQueryClient()
  const offNote = useConnectionNote()
  const send = useChange<unknown, string>({
    send: (body, sending) =>
      call('post', '/cases/{case-id}/comments', {
        path: { 'case-id': caseId },
        body: { data: { attributes: { body: body.trim() } } },
        ...sending,
      }),
    onSuccess: (_, sent) => {
      // Text typed after the comment was sent is kept.
      if (draft === sent) onDraft('')
      return client.invalidateQueries({ queryKey: ['case', caseId, 'comments'] })
    },
    onError: (problem) => toast.failed(words.cantComment, { detail: problem.message }),
  })
  const isOff = draft.trim() === '' || offNote !== undefined
  const submit = () => {
    if (!isOff) send.mutate(draft)
  }
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Field label={words.addComment}>
        <TextArea
          rows={2}
          value={draft}
          maxLength={65_536}
          placeholder={words.addCommentHint}
          onChange={({ target }) => onDraft(target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.repeat) submit()
          }}
        />
      </Field>
      <div className={styles.composerFoot}>
        {offNote && draft.trim() !== '' && <span className={styles.reason}>{offNote}</span>}
        <Button type="submit" size="small" isBusy={send.isPending} disabled={isOff}>
          {words.send}
        </Button>
      </div>
    </form>
  )
}

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { call } from '../../api/client'
import { type Resource, related } from '../../api/document'
import type { Problem } from '../../api/problem'
import { listQuery, oneQuery } from '../../api/queries'
import type { EventAttributes, WorkflowAttributes } from '../../api/resources'
import { useMay } from '../../api/session'
import type { Shown } from '../../api/shapes'
import { actorOf } from '../../forms/event-line'
import { QueryState } from '../../forms/query-state'
import { words as forms } from '../../forms/words'
import { Button } from '../../ui/button'
import { Field, TextArea } from '../../ui/field'
import { Moment } from '../../ui/moment'
import { Muted } from '../../ui/stack'
import { toast } from '../../ui/toast'
import styles from './case-page.module.css'
import { words } from './words'

type CommentAttributes = Shown<'list-comments-of-a-case'>

type Entry =
  | { kind: 'event'; at: string; event: Resource<EventAttributes> }
  | { kind: 'comment'; at: string; comment: Resource<CommentAttributes> }

/** A comment that is being written: kept until it is sent, or goes along with a status. */
export interface CommentDraft {
  draft: string
  onDraft: (text: string) => void
}

/** What happened to the case and what was said of it, newest first: who, what, when, and because of which run. */
export function Timeline({ caseId, ...comment }: { caseId: string } & CommentDraft) {
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
      {mayComment && <Composer caseId={caseId} {...comment} />}
      <QueryState query={events} isInline>
        {({ rows }) => {
          const entries = merged(rows, comments.data?.rows ?? [])
          if (entries.length === 0) return <Muted>{words.noEvents}</Muted>
          return (
            <ol className={styles.list}>
              {entries.map((entry) =>
                entry.kind === 'event' ? (
                  <Happened key={entry.event.id} event={entry.event} />
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

function merged(events: Resource<EventAttributes>[], comments: Resource<CommentAttributes>[]): Entry[] {
  const entries: Entry[] = [
    ...events.map((event): Entry => ({ kind: 'event', at: event.attributes.createdAt, event })),
    ...comments.map((comment): Entry => ({ kind: 'comment', at: comment.attributes.createdAt, comment })),
  ]
  return entries.sort((one, other) => other.at.localeCompare(one.at))
}

function Happened({ event: { attributes } }: { event: Resource<EventAttributes> }) {
  const { name, context } = attributes
  const comment = typeof context.comment === 'string' ? context.comment : undefined
  const run = typeof context.workflowRunId === 'string' ? context.workflowRunId : undefined
  return (
    <li className={styles.entry}>
      <span className={styles.line}>
        <span className={styles.what}>
          <strong>{actorOf(context.actor)}</strong> {forms.happened(name, context)}
        </span>
        <span className={styles.when}>
          <Moment at={attributes.createdAt} />
        </span>
      </span>
      {comment && <p className={styles.said}>{comment}</p>}
      {run && (
        <span className={styles.because}>
          <Because runId={run} />
          {' · '}
          <Link to="/runs/$runId" params={{ runId: run }} search={{ step: context.stepId }}>
            {words.seeRun}
          </Link>
        </span>
      )}
    </li>
  )
}

/** Which workflow it was, where one may know. */
function Because({ runId }: { runId: string }) {
  const mayRead = useMay('workflow.read')
  const run = useQuery({
    ...oneQuery<unknown, '/workflow-runs/{workflow-run-id}'>(
      ['workflow-run', runId],
      '/workflow-runs/{workflow-run-id}',
      {
        path: { 'workflow-run-id': runId },
      },
    ),
    enabled: mayRead,
  })
  const workflowId = run.data && related(run.data.data, 'workflow')?.id
  const workflow = useQuery({
    ...oneQuery<WorkflowAttributes, '/workflows/{workflow-id}'>(
      ['workflow', workflowId ?? ''],
      '/workflows/{workflow-id}',
      {
        path: { 'workflow-id': workflowId ?? '' },
      },
    ),
    enabled: workflowId !== undefined,
  })
  return <>{words.byRun(workflow.data?.data.attributes.name)}</>
}

function Said({ comment: { attributes } }: { comment: Resource<CommentAttributes> }) {
  return (
    <li className={styles.entry}>
      <span className={styles.line}>
        <span className={styles.what}>
          <strong>{attributes.creatorId ?? forms.somebody}</strong> {words.said}
        </span>
        <span className={styles.when}>
          <Moment at={attributes.createdAt} />
        </span>
      </span>
      <p className={styles.said}>{attributes.body}</p>
    </li>
  )
}

function Composer({ caseId, draft, onDraft }: { caseId: string } & CommentDraft) {
  const client = useQueryClient()
  const send = useMutation<unknown, Problem>({
    mutationFn: () =>
      call('post', '/cases/{case-id}/comments', {
        path: { 'case-id': caseId },
        body: { data: { attributes: { body: draft.trim() } } },
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: () => {
      onDraft('')
      return client.invalidateQueries({ queryKey: ['case', caseId, 'comments'] })
    },
    onError: (problem) => toast.failed(words.cantComment, { detail: problem.message }),
  })
  const isEmpty = draft.trim() === ''
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault()
        if (!isEmpty) send.mutate()
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
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !isEmpty && !send.isPending) send.mutate()
          }}
        />
      </Field>
      <div className={styles.composerFoot}>
        <Button type="submit" size="small" isBusy={send.isPending} disabled={isEmpty}>
          {words.send}
        </Button>
      </div>
    </form>
  )
}

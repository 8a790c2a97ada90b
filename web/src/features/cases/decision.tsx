import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { call } from '../../api/client'
import type { One, Resource } from '../../api/document'
import type { Problem } from '../../api/problem'
import { wholeQuery } from '../../api/queries'
import type { CaseAttributes, StatusType } from '../../api/resources'
import { useMay } from '../../api/session'
import { QueryState } from '../../forms/query-state'
import { Button } from '../../ui/button'
import { Card } from '../../ui/card'
import { Dialog } from '../../ui/dialog'
import { Field, TextArea } from '../../ui/field'
import { useKeys } from '../../ui/keys'
import { Notice } from '../../ui/notice'
import { onceAClick } from '../../ui/once-a-click'
import { Stack } from '../../ui/stack'
import { StatusChip } from '../../ui/status-chip'
import { toast } from '../../ui/toast'
import { sentence } from '../../words/sentence'
import { caseQuery } from './case-page'
import styles from './case-page.module.css'
import type { CommentDraft } from './timeline'
import { words } from './words'

interface StatusHere {
  name: string
  type: StatusType
  color: string | null
  requireComment: boolean
  current: boolean
  allowed: boolean
  reason: string | null
}

interface DecisionProps extends CommentDraft {
  of: Resource<CaseAttributes>
  etag: string | undefined
}

/** The statuses that may follow, as buttons; one that wants a comment asks for it. Nothing is decided over a newer state. */
export function Decision({ of, etag, draft, onDraft }: DecisionProps) {
  const mayWrite = useMay('case.write')
  const [asked, setAsked] = useState<StatusHere>()
  const query = useQuery(
    wholeQuery<StatusHere, '/cases/{case-id}/statuses'>(['case', of.id, 'statuses'], '/cases/{case-id}/statuses', {
      path: { 'case-id': of.id },
    }),
  )
  const statuses = query.data?.data.map(({ attributes }) => attributes) ?? []
  const next = statuses.filter(({ current, allowed }) => !current && allowed)
  const setting = useSetStatus(of, etag, () => onDraft(''))
  const choose = (status: StatusHere) => {
    if (setting.isPending) return
    if (status.requireComment || status.type === 'end') setAsked(status)
    else setting.mutate({ status: status.name, comment: '' })
  }
  useKeys(
    mayWrite
      ? next.slice(0, 9).map((status, at) => ({
          keys: String(at + 1),
          label: words.moveTo(status.name),
          scope: 'here' as const,
          run: () => choose(status),
        }))
      : [],
  )
  const blocked = statuses.find(({ current, allowed, reason }) => !current && !allowed && reason)?.reason
  return (
    <Card title={words.decide}>
      <QueryState query={query} isInline>
        {() => (
          <div className={styles.choices}>
            {!mayWrite && <p className={styles.reason}>{words.mayOnlyLook}</p>}
            {setting.error && !asked && <Refused problem={setting.error} of={of} onAgain={setting.reset} />}
            {next.map((status) => (
              <Button
                key={status.name}
                className={styles.choice}
                isWide
                disabled={!mayWrite || setting.isPending}
                aria-label={words.moveTo(status.name)}
                onClick={onceAClick(() => choose(status))}
              >
                <StatusChip name={status.name} type={status.type} colour={status.color} />
              </Button>
            ))}
            {blocked && <p className={styles.reason}>{sentence(blocked)}</p>}
          </div>
        )}
      </QueryState>
      {asked && (
        <CommentDialog
          status={asked}
          comment={draft}
          onComment={onDraft}
          refused={setting.error && <Refused problem={setting.error} of={of} />}
          isBusy={setting.isPending}
          onConfirm={() =>
            setting.mutate({ status: asked.name, comment: draft }, { onSuccess: () => setAsked(undefined) })
          }
          onClose={() => {
            setAsked(undefined)
            setting.reset()
          }}
        />
      )}
    </Card>
  )
}

function useSetStatus(of: Resource<CaseAttributes>, etag: string | undefined, onCommentSent: () => void) {
  const client = useQueryClient()
  return useMutation<unknown, Problem, { status: string; comment: string }>({
    mutationFn: ({ status, comment }) =>
      call<One<CaseAttributes>, '/cases/{case-id}/set-status'>('post', '/cases/{case-id}/set-status', {
        path: { 'case-id': of.id },
        body: { meta: comment.trim() ? { status, comment: comment.trim() } : { status } },
        ...(etag ? { ifMatch: etag } : {}),
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: (_, { status, comment }) => {
      toast.done(words.statusSet(of.attributes.name, status))
      if (comment) onCommentSent()
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['case'] }),
  })
}

/** Why the status stayed: somebody was first, or a rule. */
function Refused({ problem, of, onAgain }: { problem: Problem; of: Resource<CaseAttributes>; onAgain?: () => void }) {
  const now = useQuery(caseQuery(of.id)).data?.data.attributes.status ?? of.attributes.status
  const isStale = problem.kind === 'stale'
  return (
    <Notice
      tone="warn"
      isAlert
      action={
        onAgain && (
          <Button size="small" onClick={onAgain}>
            {words.look}
          </Button>
        )
      }
    >
      <strong>{isStale ? words.staleTitle : words.cantSet}</strong>
      <div>{isStale ? words.staleHint(now) : sentence(problem.message)}</div>
    </Notice>
  )
}

interface CommentDialogProps {
  status: StatusHere
  /** What is being written on the case anyhow: it may be the very reason. */
  comment: string
  onComment: (comment: string) => void
  /** Why it was not set; what was typed stays, for another try. */
  refused: ReactNode
  isBusy: boolean
  onConfirm: () => void
  onClose: () => void
}

/** Asks why, before a status that ends a case or wants a comment. */
function CommentDialog({ status, comment, onComment, refused, isBusy, onConfirm, onClose }: CommentDialogProps) {
  const isMissing = status.requireComment && comment.trim() === ''
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.moveTo(status.name)}
      {...(status.requireComment ? { description: words.commentWanted(status.name) } : {})}
      actions={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" isBusy={isBusy} disabled={isMissing} onClick={onceAClick(onConfirm)}>
            {words.confirm(status.name)}
          </Button>
        </>
      }
    >
      <Stack>
        {refused}
        <Field label={words.comment} hint={words.commentHint} isOptional={!status.requireComment}>
          <TextArea
            rows={3}
            value={comment}
            onChange={({ target }) => onComment(target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !isMissing && !isBusy) onConfirm()
            }}
          />
        </Field>
      </Stack>
    </Dialog>
  )
}

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Answer, call } from '../../api/client'
import type { One, Resource } from '../../api/document'
import { wholeQuery } from '../../api/queries'
import type { CaseAttributes, StatusType } from '../../api/resources'
import { useMay } from '../../api/session'
import { type Change, useChange } from '../../forms/change'
import { useConnectionNote } from '../../forms/connection-note'
import { ChangedMeanwhile, useOpened } from '../../forms/opened'
import { ProblemNotice } from '../../forms/problem-notice'
import { QueryState } from '../../forms/query-state'
import type { ShownVersion } from '../../forms/steady'
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
  version: ShownVersion
}

/**
 * Every status of the template in its fixed place, with those that may follow as buttons: when the status changes,
 * nothing moves and no key changes its meaning. A final status and one that needs a comment open a dialog first.
 */
export function Decision({ of, version: { etag, steady, accept }, draft, onDraft }: DecisionProps) {
  const mayWrite = useMay('case.write')
  const offNote = useConnectionNote()
  const [asked, setAsked] = useState<string>()
  const query = useQuery(
    wholeQuery<StatusHere, '/cases/{case-id}/statuses'>(['case', of.id, 'statuses'], '/cases/{case-id}/statuses', {
      path: { 'case-id': of.id },
    }),
  )
  const statuses = query.data?.data.map(({ attributes }) => attributes) ?? []
  const setting = useSetStatus(of, { draft, onDraft }, accept)
  const isOff = !mayWrite || offNote !== undefined || setting.isPending
  const choose = (status: StatusHere) => {
    if (isOff || asked !== undefined) return
    if (status.requireComment || status.type === 'end') setAsked(status.name)
    else setting.mutate({ status: status.name, comment: draft, etag: steady })
  }
  useKeys(
    mayWrite
      ? statuses.slice(0, 9).flatMap((status, at) =>
          isNext(status)
            ? {
                keys: String(at + 1),
                label: words.moveTo(status.name),
                scope: 'here' as const,
                run: () => choose(status),
              }
            : [],
        )
      : [],
  )
  const blocked = statuses.find(({ current, allowed, reason }) => !current && !allowed && reason)?.reason
  const askedFor = statuses.find(({ name }) => name === asked)
  const lookAgain = () => {
    accept(etag)
    setting.reset()
  }
  return (
    <Card title={words.decide}>
      <QueryState query={query} isInline>
        {() => (
          <div className={styles.choices}>
            {!mayWrite && <p className={styles.reason}>{words.mayOnlyLook}</p>}
            {mayWrite && offNote && <Notice tone="warn">{offNote}</Notice>}
            {setting.error && !asked && <Refused change={setting} of={of} onLook={lookAgain} />}
            {statuses.map((status) => (
              <StatusSlot key={status.name} status={status} isOff={isOff} onChoose={choose} />
            ))}
            {mayWrite && draft.trim() !== '' && <p className={styles.reason}>{words.noteGoesAlong}</p>}
            {blocked && <p className={styles.reason}>{sentence(blocked)}</p>}
          </div>
        )}
      </QueryState>
      {askedFor && (
        <CommentDialog
          key={askedFor.name}
          status={askedFor}
          of={of}
          etag={etag}
          draft={draft}
          onDraft={onDraft}
          setting={setting}
          offNote={offNote}
          onClose={() => {
            setAsked(undefined)
            setting.cancel()
          }}
          onDone={() => setAsked(undefined)}
        />
      )}
    </Card>
  )
}

const isNext = ({ current, allowed }: StatusHere) => !current && allowed

interface StatusSlotProps {
  status: StatusHere
  isOff: boolean
  onChoose: (status: StatusHere) => void
}

/** One status in its place: a button if it may follow, otherwise only its name. */
function StatusSlot({ status, isOff, onChoose }: StatusSlotProps) {
  const chip = <StatusChip name={status.name} type={status.type} colour={status.color} />
  if (!isNext(status)) {
    return (
      <div className={styles.slot} data-current={status.current || undefined}>
        {chip}
        <span className={styles.slotNote}>{status.current ? words.current : words.notNext}</span>
      </div>
    )
  }
  return (
    <Button
      className={styles.choice}
      isWide
      disabled={isOff}
      aria-label={words.moveTo(status.name)}
      onClick={onceAClick(() => onChoose(status))}
    >
      {chip}
    </Button>
  )
}

interface Wanted {
  status: string
  comment: string
  /** The version that the decision is based on. */
  etag: string | undefined
}

type Setting = Change<Answer<One<CaseAttributes>>, Wanted>

function useSetStatus(
  of: Resource<CaseAttributes>,
  { draft, onDraft }: CommentDraft,
  onVersion: (etag: string | undefined) => void,
): Setting {
  const client = useQueryClient()
  return useChange<Answer<One<CaseAttributes>>, Wanted>({
    send: ({ status, comment, etag }, sending) =>
      call<One<CaseAttributes>, '/cases/{case-id}/set-status'>('post', '/cases/{case-id}/set-status', {
        path: { 'case-id': of.id },
        body: { meta: comment.trim() ? { status, comment: comment.trim() } : { status } },
        ...(etag ? { ifMatch: etag } : {}),
        ...sending,
      }),
    outcome: async () => {
      const now = await client.fetchQuery({ ...caseQuery(of.id), staleTime: 0 })
      return words.isNow(now.data.attributes.name, now.data.attributes.status)
    },
    onSuccess: (answer, { status, comment }) => {
      onVersion(answer.etag)
      const isNoted = comment.trim() !== ''
      toast.done(words.statusSet(of.attributes.name, status), isNoted ? { detail: words.noteAdded } : {})
      // Text typed after the comment was sent is kept.
      if (isNoted && draft === comment) onDraft('')
    },
    // Not awaited: the dialog closes before the change is shown behind it.
    onSettled: () => void client.invalidateQueries({ queryKey: ['case'] }),
  })
}

interface RefusedProps {
  change: Setting
  of: Resource<CaseAttributes>
  onLook: () => void
}

/** Why the status was not changed: the case was changed meanwhile, or a rule refused it. */
function Refused({ change, of, onLook }: RefusedProps) {
  if (change.error?.kind !== 'stale') return <ProblemNotice problem={change.error} title={words.cantSet} />
  return (
    <ChangedMeanwhile
      objectId={of.id}
      since={change.asked?.etag}
      now={words.isNow(of.attributes.name, of.attributes.status)}
      onLook={onLook}
    />
  )
}

interface CommentDialogProps extends CommentDraft {
  status: StatusHere
  of: Resource<CaseAttributes>
  etag: string | undefined
  setting: Setting
  offNote: string | undefined
  onClose: () => void
  onDone: () => void
}

/**
 * Asks for a comment before a final status or one that needs it. The decision uses the version shown when it opened.
 */
function CommentDialog(props: CommentDialogProps) {
  const { status, of, etag, draft, onDraft, setting, offNote, onClose, onDone } = props
  const opened = useOpened(etag)
  const isMissing = status.requireComment && draft.trim() === ''
  const isStale = !setting.isPending && (opened.isStale || setting.error?.kind === 'stale')
  const isReady = !isMissing && !isStale && offNote === undefined && isNext(status)
  const confirm = () => {
    if (!isReady || setting.isPending) return
    setting.mutate({ status: status.name, comment: draft, etag: opened.etag }, { onSuccess: onDone })
  }
  const look = () => {
    opened.look()
    setting.reset()
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.moveTo(status.name)}
      {...(status.requireComment ? { description: words.commentWanted(status.name) } : {})}
      actions={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" isBusy={setting.isPending} disabled={!isReady} onClick={onceAClick(confirm)}>
            {words.confirm(status.name)}
          </Button>
        </>
      }
    >
      <Stack>
        {isStale ? (
          <ChangedMeanwhile
            objectId={of.id}
            since={opened.etag}
            now={words.isNow(of.attributes.name, of.attributes.status)}
            onLook={look}
          />
        ) : (
          <ProblemNotice problem={setting.error} title={words.cantSet} />
        )}
        {!isStale && !isNext(status) && (
          <Notice tone="warn">{status.current ? words.alreadySo(status.name) : sentence(status.reason ?? '')}</Notice>
        )}
        {offNote && <Notice tone="warn">{offNote}</Notice>}
        <Field label={words.comment} hint={words.commentHint} isOptional={!status.requireComment}>
          <TextArea
            rows={3}
            value={draft}
            maxLength={65_536}
            onChange={({ target }) => onDraft(target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.repeat) confirm()
            }}
          />
        </Field>
      </Stack>
    </Dialog>
  )
}

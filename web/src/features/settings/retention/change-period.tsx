import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { call } from '../../../api/client'
import type { One } from '../../../api/document'
import type { Shown } from '../../../api/shapes'
import { useChange } from '../../../forms/change'
import { useConnectionNote } from '../../../forms/connection-note'
import { ChangedMeanwhile, useOpened } from '../../../forms/opened'
import { ProblemNotice } from '../../../forms/problem-notice'
import { Button } from '../../../ui/button'
import { Dialog } from '../../../ui/dialog'
import { Field, Input, Select } from '../../../ui/field'
import { Notice } from '../../../ui/notice'
import { Stack } from '../../../ui/stack'
import { toast } from '../../../ui/toast'
import styles from './retention.module.css'
import { type Kind, type Policy, periodOf } from './retention-page'
import { words } from './words'

interface Preview {
  id: string
  /** What was asked for: null is without limit. */
  period: number | null
  confirmation: string
  change: Shown<'preview-a-retention-policy'>['changes'][number] | undefined
}

interface ChangePeriodProps {
  policy: Policy
  kind: Kind
  etag: string | undefined
  onClose: () => void
}

/** Asks for a period, shows in words what it does, and switches it on once that was confirmed. */
export function ChangePeriod({ policy, kind, etag, onClose }: ChangePeriodProps) {
  const client = useQueryClient()
  const offNote = useConnectionNote()
  const opened = useOpened(etag)
  const current = periodOf(policy, kind)
  const [isLimited, setLimited] = useState(current !== null || !kind.mayBeKept)
  const [text, setText] = useState(String(current ?? (kind.unit === 'hours' ? kind.most : 365)))
  const [shown, setShown] = useState<Preview>()
  const title = words.kinds[kind.kind]?.title ?? kind.kind
  const period = isLimited ? Number(text) : null
  const attributesOf = (value: number | null) => ({ [kind.member]: value })

  const preview = useChange<Preview, number | null>({
    send: async (asked, sending) => {
      const answer = await call<One<Shown<'preview-a-retention-policy'>>, '/retention-policy/preview'>(
        'post',
        '/retention-policy/preview',
        { body: { data: { attributes: attributesOf(asked) } }, ...sending },
      )
      const { id, attributes } = answer.value.data
      return { id, period: asked, confirmation: attributes.confirmation, change: attributes.changes[0] }
    },
    onSuccess: (answer) => setShown(answer),
  })
  const change = useChange<unknown, Preview>({
    send: ({ period: asked, confirmation }, sending) =>
      call('patch', '/retention-policy', {
        body: { data: { attributes: attributesOf(asked) }, meta: { confirmation } },
        ...(opened.etag === undefined ? {} : { ifMatch: opened.etag }),
        ...sending,
      }),
    onSuccess: () => {
      toast.done(words.saved(title))
      onClose()
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['retention-policy'] }),
  })
  const isStale = !change.isPending && (opened.isStale || change.error?.kind === 'stale')
  const again = () => {
    setShown(undefined)
    change.reset()
    preview.reset()
    opened.look()
  }
  const ask = (event?: FormEvent) => {
    event?.preventDefault()
    if (!preview.isPending && offNote === undefined) preview.mutate(period)
  }
  const wrong = preview.error?.at(`/data/attributes/${kind.member}`)
  const leave = () => {
    preview.cancel()
    change.cancel()
    onClose()
  }

  if (shown) {
    return (
      <Dialog
        isOpen
        onClose={leave}
        title={words.changeOf(title)}
        actions={
          <>
            <Button onClick={again}>{words.back}</Button>
            <Button
              look={shown.change?.before ? 'danger' : 'primary'}
              isBusy={change.isPending}
              disabled={isStale || shown.change === undefined || offNote !== undefined}
              onClick={() => change.mutate(shown)}
            >
              {shown.period === null ? words.switchOff : words.switchOn}
            </Button>
          </>
        }
      >
        <Stack>
          {isStale ? (
            <ChangedMeanwhile objectId={shown.id} since={opened.etag} onLook={again} />
          ) : (
            <ProblemNotice problem={change.error} />
          )}
          <InWords preview={shown} kind={kind} />
        </Stack>
      </Dialog>
    )
  }
  return (
    <Dialog
      isOpen
      onClose={leave}
      title={words.changeOf(title)}
      description={words.kinds[kind.kind]?.what ?? ''}
      actions={
        <>
          <Button onClick={leave}>{words.cancel}</Button>
          <Button look="primary" isBusy={preview.isPending} disabled={offNote !== undefined} onClick={() => ask()}>
            {words.preview}
          </Button>
        </>
      }
    >
      <form noValidate onSubmit={ask}>
        <Stack>
          {!wrong && <ProblemNotice problem={preview.error} />}
          {kind.mayBeKept && (
            <Field label={words.choice}>
              <Select
                value={isLimited ? 'limit' : 'keep'}
                onChange={({ target }) => setLimited(target.value === 'limit')}
              >
                <option value="keep">{words.keep}</option>
                <option value="limit">{words.limit}</option>
              </Select>
            </Field>
          )}
          {isLimited && (
            <Field
              label={words.length(kind.unit)}
              hint={words.bounds(kind.least, kind.most, kind.unit)}
              {...(wrong ? { error: wrong } : {})}
            >
              <Input
                type="number"
                inputMode="numeric"
                min={kind.least}
                max={kind.most}
                value={text}
                onChange={({ target }) => setText(target.value)}
              />
            </Field>
          )}
        </Stack>
        <button type="submit" hidden />
      </form>
    </Dialog>
  )
}

/** What a period does, in words. It takes the focus, so that it is read out. */
function InWords({ preview: { change, period }, kind }: { preview: Preview; kind: Kind }) {
  const box = useRef<HTMLElement>(null)
  useEffect(() => box.current?.focus(), [])
  return (
    <section ref={box} tabIndex={-1} className={styles.preview} aria-label={words.previewOf}>
      {change === undefined ? <p>{words.unchanged}</p> : <Sentences change={change} period={period} kind={kind} />}
    </section>
  )
}

function Sentences({
  change,
  period,
  kind,
}: {
  change: NonNullable<Preview['change']>
  period: number | null
  kind: Kind
}) {
  if (period === null) return <p>{words.ends}</p>
  const { before, count, isAtLeast, oldestAt } = change
  if (before === null) return <p>{words.defaultAnswers}</p>
  const follows = words.follows[kind.kind]?.(words.period(period, kind.unit))
  if (count === 0) {
    return (
      <>
        <p>
          {words.nothingYet[kind.kind]?.(before)} {follows}
        </p>
        <p>{words.stays[kind.kind]}</p>
        {change.from !== null && period > change.from && <p>{words.longer}</p>}
      </>
    )
  }
  return (
    <>
      <Notice tone="warn">
        <strong>{words.goes[kind.kind]?.({ count, isAtLeast, before })}</strong> {oldestAt && words.oldest(oldestAt)}{' '}
        {words.forGood}
      </Notice>
      <p>{words.stays[kind.kind]}</p>
      <p>{follows}</p>
    </>
  )
}

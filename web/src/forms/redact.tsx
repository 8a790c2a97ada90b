import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client'
import { useMay } from '../api/session'
import { Button } from '../ui/button'
import { Confirm } from '../ui/dialog'
import { Moment } from '../ui/moment'
import { Notice } from '../ui/notice'
import { Stack } from '../ui/stack'
import { toast } from '../ui/toast'
import { useChange } from './change'
import { useConnectionNote } from './connection-note'
import { ChangedMeanwhile, useOpened } from './opened'
import { ProblemNotice } from './problem-notice'
import styles from './redact.module.css'
import { words } from './redact-words'

type Kind = 'account' | 'inquiry' | 'case'

interface RedactProps {
  kind: Kind
  id: string
  /** The name of the object. */
  name: string
  etag: string | undefined
  redactedAt: string | null | undefined
}

/** The button that erases the personal information of an object, for users who may change it. */
export function RedactButton(props: RedactProps) {
  const [isAsked, setAsked] = useState(false)
  const may = useMay(`${props.kind}.write`)
  const offNote = useConnectionNote()
  // A redacted account can have got content again.
  const isDone = Boolean(props.redactedAt) && props.kind !== 'account'
  if (!may || isDone) return null
  return (
    <>
      <Button look="quiet" disabled={offNote !== undefined} onClick={() => setAsked(true)}>
        {words.redact}
      </Button>
      {isAsked && <Ask {...props} onClose={() => setAsked(false)} />}
    </>
  )
}

function Ask({ kind, id, name, etag, onClose }: RedactProps & { onClose: () => void }) {
  const client = useQueryClient()
  const opened = useOpened(etag)
  const act = useChange<unknown>({
    send: (_, sending) => {
      const given = { ...sending, ...(opened.etag === undefined ? {} : { ifMatch: opened.etag }) }
      switch (kind) {
        case 'account':
          return call('delete', '/accounts/{account-id}', { path: { 'account-id': id }, ...given })
        case 'inquiry':
          return call('delete', '/inquiries/{inquiry-id}', { path: { 'inquiry-id': id }, ...given })
        case 'case':
          return call('delete', '/cases/{case-id}', { path: { 'case-id': id }, ...given })
      }
    },
    onSuccess: () => {
      toast.done(words.redacted(name))
      onClose()
    },
    onSettled: () =>
      Promise.all(
        ['account', 'inquiry', 'case', 'event', 'run'].map((key) => client.invalidateQueries({ queryKey: [key] })),
      ),
  })
  const isStale = !act.isPending && (opened.isStale || act.error?.kind === 'stale')
  return (
    <Confirm
      isOpen
      isDangerous
      onClose={onClose}
      title={words.redactTitle(name)}
      description={words.redactHint}
      confirm={words.redactDeed}
      isBusy={act.isPending}
      isReady={!isStale}
      onConfirm={() => act.mutate()}
    >
      <Stack gap={4}>
        {isStale ? (
          <ChangedMeanwhile
            objectId={id}
            since={opened.etag}
            onLook={() => {
              opened.look()
              act.reset()
            }}
          />
        ) : (
          <ProblemNotice problem={act.error} />
        )}
        <Listed title={words.redactGoes} items={words.redactGoesOf[kind]()} />
        <Listed title={words.redactStays} items={words.redactStaysOf[kind]()} />
      </Stack>
    </Confirm>
  )
}

function Listed({ title, items }: { title: string; items: readonly string[] }) {
  return (
    <section>
      <strong>{title}</strong>
      <ul className={styles.list}>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </section>
  )
}

/** A notice that an object's personal information was erased, with the time. */
export function RedactedNotice({ at }: { at: string | null | undefined }) {
  if (!at) return null
  return (
    <Notice>
      {words.wasRedacted} <Moment at={at} isExact />
    </Notice>
  )
}

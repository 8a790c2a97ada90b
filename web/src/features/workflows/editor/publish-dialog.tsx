import { useState } from 'react'
import { Button } from '../../../ui/button'
import { Dialog } from '../../../ui/dialog'
import { Field, TextArea } from '../../../ui/field'
import { Notice } from '../../../ui/notice'
import { Stack } from '../../../ui/stack'
import type { Definition, Subject } from '../model/definition'
import { same } from '../model/differences'
import { Changes, GoesLive } from './changes'
import styles from './head.module.css'
import type { Foreign } from './notices'
import { type Problem, subjectInWords } from './problems'
import { words } from './words'

interface PublishDialogProps {
  /** The live version; null if there is none yet. */
  live: Definition | null
  draft: Definition
  problems: Problem[]
  isBusy: boolean
  /** The person who saved last, if the draft changed while the dialog was open. */
  by: string | null
  /** The name of a person. */
  called: (email: string | null) => string
  onPublish: (description: string) => Promise<'published' | 'stopped' | Foreign>
  onJump: (subject: Subject) => void
  onClose: () => void
}

/**
 * The changes that go live, before they do. Problems prevent publishing, and each has a link. If another person changes
 * the draft meanwhile, the changes must be reviewed first.
 */
export function PublishDialog({
  live,
  draft,
  problems,
  isBusy,
  by,
  called,
  onPublish,
  onJump,
  onClose,
}: PublishDialogProps) {
  const [description, setDescription] = useState('')
  const [seen, setSeen] = useState(draft)
  const [foreign, setForeign] = useState<Foreign>()
  const isStopped = problems.length > 0
  const isSame = live !== null && same(live, draft)
  const isNewer = !same(seen, draft)
  const publish = async () => {
    const came = await onPublish(description)
    if (came === 'published' || came === 'stopped') return onClose()
    setForeign(came)
    setSeen(came.to)
  }
  return (
    <Dialog
      isOpen
      isWide
      onClose={onClose}
      title={words.publishTitle}
      description={live ? words.publishAgain : words.publishFirst}
      actions={
        <>
          <Button onClick={onClose}>{words.close}</Button>
          {isNewer ? (
            <Button
              look="primary"
              onClick={() => {
                setForeign({ by, from: seen, to: draft, renamed: [] })
                setSeen(draft)
              }}
            >
              {words.goOnWithThese}
            </Button>
          ) : (
            <Button look="primary" isBusy={isBusy} disabled={isStopped || isSame} onClick={publish}>
              {words.publish}
            </Button>
          )}
        </>
      }
    >
      <Stack>
        {(isNewer || foreign) && (
          <Notice tone="warn" isAlert>
            <strong>{words.newerToPublish(called(isNewer ? by : (foreign?.by ?? by)))}</strong>
            <Changes
              from={isNewer ? seen : (foreign?.from ?? seen)}
              to={isNewer ? draft : (foreign?.to ?? draft)}
              none={words.noChange}
            />
          </Notice>
        )}
        {isStopped && (
          <Notice tone="bad" isAlert>
            <strong>{words.cantPublish}</strong>
            {problems.map((problem) => (
              <div key={problem.pointer + problem.message} className={styles.problem}>
                <button type="button" className={styles.jump} onClick={() => onJump(problem.subject)}>
                  {subjectInWords(draft, problem.subject) || words.jumpTo}
                </button>
                <span>{problem.message}</span>
              </div>
            ))}
          </Notice>
        )}
        <section aria-label={words.summary}>
          {live ? <Changes from={live} to={draft} none={words.noChanges} /> : <GoesLive definition={draft} />}
        </section>
        {!isSame && (
          <Field label={words.publishNote} hint={words.publishNoteHint} isOptional>
            <TextArea value={description} rows={2} onChange={(event) => setDescription(event.target.value)} />
          </Field>
        )}
      </Stack>
    </Dialog>
  )
}

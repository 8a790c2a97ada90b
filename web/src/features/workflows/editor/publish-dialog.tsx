import { useState } from 'react'
import { Button } from '../../../ui/button'
import { Dialog } from '../../../ui/dialog'
import { Field, TextArea } from '../../../ui/field'
import { Notice } from '../../../ui/notice'
import { Stack } from '../../../ui/stack'
import type { Definition, Subject } from '../model/definition'
import { Changes } from './changes'
import styles from './head.module.css'
import { type Problem, subjectInWords } from './problems'
import { words } from './words'

interface PublishDialogProps {
  /** The live version; nothing where there is none yet. */
  live: Definition | null
  draft: Definition
  problems: Problem[]
  isBusy: boolean
  onPublish: (description: string) => void
  onJump: (subject: Subject) => void
  onClose: () => void
}

/** What goes live, in words, before it does. Problems stand in the way, and each can be gone to. */
export function PublishDialog({ live, draft, problems, isBusy, onPublish, onJump, onClose }: PublishDialogProps) {
  const [description, setDescription] = useState('')
  const isStopped = problems.length > 0
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
          <Button look="primary" isBusy={isBusy} disabled={isStopped} onClick={() => onPublish(description)}>
            {words.publish}
          </Button>
        </>
      }
    >
      <Stack>
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
          <Changes from={live ?? { trigger: { on: [] }, steps: [] }} to={draft} none={words.noChanges} />
        </section>
        <Field label={words.publishNote} hint={words.publishNoteHint} isOptional>
          <TextArea value={description} rows={2} onChange={(event) => setDescription(event.target.value)} />
        </Field>
      </Stack>
    </Dialog>
  )
}

import { useState } from 'react'
import { Button } from '../../../ui/button'
import { Dialog } from '../../../ui/dialog'
import { Field, Input, TextArea } from '../../../ui/field'
import { Stack } from '../../../ui/stack'
import type { Definition } from '../model/definition'
import { BothChanges } from './changes'
import { words } from './words'
import type { Conflict } from './workflow'

interface StaleDialogProps {
  conflict: Conflict
  /** What both drew upon. */
  base: Definition
  isBusy: boolean
  onTakeTheirs: () => void
  onTakeMine: () => void
  onClose: () => void
}

/** Somebody saved first: both drawings in words, and the choice. */
export function StaleDialog({ conflict, base, isBusy, onTakeTheirs, onTakeMine, onClose }: StaleDialogProps) {
  return (
    <Dialog
      isOpen
      isWide
      onClose={onClose}
      title={words.staleTitle}
      description={conflict.by ? words.staleBy(conflict.by) : words.staleHint}
      actions={
        <>
          <Button onClick={onTakeTheirs}>{words.takeTheirs}</Button>
          <Button look="danger" isBusy={isBusy} onClick={onTakeMine}>
            {words.takeMine}
          </Button>
        </>
      }
    >
      <BothChanges base={base} theirs={conflict.theirs} mine={conflict.mine} />
    </Dialog>
  )
}

interface RenameDialogProps {
  name: string
  description: string | null
  isBusy: boolean
  onRename: (attributes: { name: string; description: string | null }) => void
  onClose: () => void
}

export function RenameDialog({ name, description, isBusy, onRename, onClose }: RenameDialogProps) {
  const [attributes, setAttributes] = useState({ name, description: description ?? '' })
  const submit = () => onRename({ name: attributes.name.trim(), description: attributes.description.trim() || null })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.rename.replace('…', '')}
      actions={
        <>
          <Button onClick={onClose}>{words.close}</Button>
          <Button look="primary" isBusy={isBusy} disabled={!attributes.name.trim()} onClick={submit}>
            {words.save}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          <Field label={words.name}>
            <Input
              value={attributes.name}
              maxLength={100}
              onChange={(event) => setAttributes({ ...attributes, name: event.target.value })}
            />
          </Field>
          <Field label={words.description} isOptional>
            <TextArea
              value={attributes.description}
              rows={2}
              onChange={(event) => setAttributes({ ...attributes, description: event.target.value })}
            />
          </Field>
        </Stack>
      </form>
    </Dialog>
  )
}

import { useState } from 'react'
import { Button } from '../../../ui/button'
import { Dialog } from '../../../ui/dialog'
import { Field, Input, TextArea } from '../../../ui/field'
import { useKeys } from '../../../ui/keys'
import { Stack } from '../../../ui/stack'
import { words } from './words'

/** The most characters of a name. */
const NAME_MAX = 100

interface RenameDialogProps {
  name: string
  description: string | null
  isBusy: boolean
  onRename: (attributes: { name: string; description: string | null }) => void
  onClose: () => void
}

export function RenameDialog({ name, description, isBusy, onRename, onClose }: RenameDialogProps) {
  const [attributes, setAttributes] = useState({ name, description: description ?? '' })
  const length = [...attributes.name.trim()].length
  const isTooLong = length > NAME_MAX
  const isReady = length > 0 && !isTooLong
  const submit = () => onRename({ name: attributes.name.trim(), description: attributes.description.trim() || null })
  useKeys([
    {
      keys: 'mod+s',
      label: words.keys.save,
      whileTyping: true,
      scope: 'here',
      run: () => isReady && submit(),
    },
  ])
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.rename.replace('…', '')}
      actions={
        <>
          <Button onClick={onClose}>{words.close}</Button>
          <Button look="primary" isBusy={isBusy} disabled={!isReady} onClick={submit}>
            {words.save}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady) submit()
        }}
      >
        <Stack>
          <Field label={words.name} {...(isTooLong ? { error: words.nameTooLong(length) } : {})}>
            <Input
              value={attributes.name}
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

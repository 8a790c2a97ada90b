import { useState } from 'react'
import type { Problem } from '../../api/problem'
import { ProblemNotice } from '../../forms/problem-notice'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Input } from '../../ui/field'
import { Stack } from '../../ui/stack'
import { words } from './words'

interface NamingProps {
  title: string
  hint: string
  label: string
  isBusy: boolean
  problem: Problem | null
  onName: (name: string) => void
  onClose: () => void
}

/** Asks for the name of something new. */
export function Naming({ title, hint, label, isBusy, problem, onName, onClose }: NamingProps) {
  const [name, setName] = useState('')
  const isReady = name.trim() !== ''
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title}
      description={hint}
      actions={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" isBusy={isBusy} disabled={!isReady} onClick={() => onName(name.trim())}>
            {words.create}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady) onName(name.trim())
        }}
      >
        <Stack>
          <ProblemNotice problem={problem} />
          <Field label={label}>
            <Input autoFocus value={name} maxLength={64} onChange={({ target }) => setName(target.value)} />
          </Field>
        </Stack>
      </form>
    </Dialog>
  )
}

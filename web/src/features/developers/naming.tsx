import { type ReactNode, useState } from 'react'
import type { Problem } from '../../api/problem'
import { ProblemNotice } from '../../forms/problem-notice'
import { Field, Input } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
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
  /** Further fields. */
  children?: ReactNode
}

/** Asks for the name of a new object. */
export function Naming({ title, hint, label, isBusy, problem, onName, onClose, children }: NamingProps) {
  const [name, setName] = useState('')
  return (
    <FormDialog
      title={title}
      description={hint}
      leave={words.cancel}
      deed={words.create}
      isReady={name.trim() !== ''}
      isBusy={isBusy}
      onSubmit={() => onName(name.trim())}
      onClose={onClose}
    >
      <Stack>
        <ProblemNotice problem={problem} />
        <Field label={label}>
          <Input autoFocus value={name} maxLength={64} onChange={({ target }) => setName(target.value)} />
        </Field>
        {children}
      </Stack>
    </FormDialog>
  )
}

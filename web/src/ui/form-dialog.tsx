import type { ReactNode } from 'react'
import { Button } from './button'
import { Dialog } from './dialog'

interface FormDialogProps {
  title: string
  description: string
  /** The label of the button that closes it: Cancel, or Close. */
  leave: string
  /** The label of the button: the action. */
  deed: string
  isReady: boolean
  isBusy: boolean
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}

/** A form in a dialog: its button submits, and so does Enter in a field. */
export function FormDialog({ leave, deed, isReady, isBusy, onSubmit, children, ...dialog }: FormDialogProps) {
  return (
    <Dialog
      {...dialog}
      isOpen
      actions={
        <>
          <Button onClick={dialog.onClose}>{leave}</Button>
          <Button look="primary" isBusy={isBusy} disabled={!isReady} onClick={onSubmit}>
            {deed}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady && !isBusy) onSubmit()
        }}
      >
        {children}
        {/* With several fields, Enter submits only if there is a submit button. */}
        <button type="submit" hidden />
      </form>
    </Dialog>
  )
}

import type { ReactNode } from 'react'
import { Button } from './button'
import { Dialog } from './dialog'

interface FormDialogProps {
  title: string
  description: string
  /** What leaves it: Cancel, or Close. */
  leave: string
  /** What the button says: the deed. */
  deed: string
  isReady: boolean
  isBusy: boolean
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}

/** A form in a window: its button does the deed, and so does Enter in a field. */
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
        {/* Of several fields none would submit without it. */}
        <button type="submit" hidden />
      </form>
    </Dialog>
  )
}

import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { Button, IconButton } from './button'
import { classes } from './class-names'
import styles from './dialog.module.css'
import { words } from './words'

interface DialogProps {
  isOpen: boolean
  /** Without it the dialog stays until it was answered. */
  onClose?: () => void
  title: string
  description?: string
  isWide?: boolean
  /** The buttons at the end, the one that acts last. */
  actions?: ReactNode
  children?: ReactNode
}

/** A window over the page. Focus goes in, stays in, and comes back; Escape and a click beside it close. */
export function Dialog({ isOpen, onClose, title, description, isWide, actions, children }: DialogProps) {
  const opener = useOpener(isOpen)
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose?.()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.scrim} />
        <Radix.Content
          className={classes(styles.dialog, isWide && styles.wide)}
          onOpenAutoFocus={focusInside}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            // The code that closed it may have moved the focus already.
            if (document.activeElement === document.body) opener.current?.focus()
          }}
          {...(description ? {} : { 'aria-describedby': undefined })}
        >
          <div className={styles.head}>
            <div className={styles.words}>
              <Radix.Title className={styles.title}>{title}</Radix.Title>
              {description && <Radix.Description className={styles.description}>{description}</Radix.Description>}
            </div>
            {onClose && (
              <Radix.Close asChild>
                <IconButton label={words.close} icon={<X size={16} />} size="small" />
              </Radix.Close>
            )}
          </div>
          {children && <div className={styles.body}>{children}</div>}
          {actions && <div className={styles.foot}>{actions}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** What had the focus when it opened; of a menu, which is gone by then, its button. */
export function useOpener(isOpen: boolean) {
  const opener = useRef<HTMLElement | null>(null)
  const wasOpen = useRef(false)
  if (isOpen && !wasOpen.current && document.activeElement instanceof HTMLElement) {
    const menu = document.activeElement.closest('[role="menu"]')
    const button = menu && document.getElementById(menu.getAttribute('aria-labelledby') ?? '')
    opener.current = button ?? document.activeElement
  }
  wasOpen.current = isOpen
  return opener
}

/** The first field is where one begins; a dialog without one takes the focus itself, and not its Close button. */
function focusInside(event: Event) {
  const dialog = event.currentTarget
  if (!(dialog instanceof HTMLElement)) return
  event.preventDefault()
  const field = dialog.querySelector<HTMLElement>('input, textarea, select, [role="combobox"]')
  ;(field ?? dialog).focus()
}

interface ConfirmProps {
  isOpen: boolean
  onClose: () => void
  title: string
  description: string
  /** What the button says: the deed, not "OK". */
  confirm: string
  isDangerous?: boolean
  isBusy?: boolean
  /** False while it can't be confirmed. */
  isReady?: boolean
  /** What else there is to know. */
  children?: ReactNode
  onConfirm: () => void
}

/** Asks once more before something that others will notice. */
export function Confirm({ confirm, isDangerous, isBusy, isReady = true, onConfirm, ...dialog }: ConfirmProps) {
  return (
    <Dialog
      {...dialog}
      actions={
        <>
          <Button onClick={dialog.onClose}>{words.cancel}</Button>
          <Button look={isDangerous ? 'danger' : 'primary'} isBusy={isBusy} disabled={!isReady} onClick={onConfirm}>
            {confirm}
          </Button>
        </>
      }
    />
  )
}

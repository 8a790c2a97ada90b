import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { Button, IconButton } from './button'
import { classes } from './class-names'
import styles from './dialog.module.css'
import { words } from './words'

interface DialogProps {
  isOpen: boolean
  /** Without it, the dialog stays open until it is answered. */
  onClose?: () => void
  title: string
  description?: string
  isWide?: boolean
  /** The buttons at the end, the primary one last. */
  actions?: ReactNode
  children?: ReactNode
}

/** A modal dialog. The focus moves in, stays in, and returns; Escape and a click outside close it. */
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

/** The element with the focus when it opened; for a closed menu, its button. */
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

/** The first field gets the focus; a dialog without one takes the focus itself, instead of its Close button. */
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
  /** The label of the button: the action, not "OK". */
  confirm: string
  isDangerous?: boolean
  isBusy?: boolean
  /** False while it can't be confirmed. */
  isReady?: boolean
  /** Further content. */
  children?: ReactNode
  onConfirm: () => void
}

/** Asks for a confirmation before an action that affects others. */
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

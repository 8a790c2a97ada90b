import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { sentence } from '../words/sentence'
import { Button, IconButton } from './button'
import { classes } from './class-names'
import styles from './toast.module.css'
import { words } from './words'

interface Toast {
  id: number
  tone: 'good' | 'bad'
  text: string
  detail?: string
  action?: { label: string; run: () => void }
}

const STAYS_MS = 6000

let toasts: readonly Toast[] = []
let counted = 0
const listeners = new Set<() => void>()

function change(next: readonly Toast[]) {
  toasts = next
  for (const tell of listeners) tell()
}

function show(toast: Omit<Toast, 'id'>) {
  counted += 1
  const shown = { ...toast, id: counted }
  change([...toasts.slice(-3), shown])
  // An error stays until it is dismissed; a message with Undo stays a little longer than others.
  if (toast.tone === 'good') setTimeout(() => dismiss(shown.id), toast.action ? STAYS_MS + 2000 : STAYS_MS)
}

function dismiss(id: number) {
  change(toasts.filter((toast) => toast.id !== id))
}

/** A message in the corner about an action that was done or failed. */
export const toast = {
  done: (text: string, more?: Pick<Toast, 'detail' | 'action'>) => show({ tone: 'good', text, ...more }),
  failed: (text: string, more?: Pick<Toast, 'detail' | 'action'>) => show({ tone: 'bad', text, ...more }),
}

/** The container of toasts; mounted once around the application. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    () => toasts,
  )
  return (
    <section className={styles.stack} aria-label={words.notifications} aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className={classes(styles.toast, styles[toast.tone])}>
          {toast.tone === 'good' ? <CircleCheck size={15} aria-hidden /> : <CircleAlert size={15} aria-hidden />}
          <div className={styles.text}>
            {sentence(toast.text)}
            {toast.detail && <div className={styles.detail}>{sentence(toast.detail)}</div>}
          </div>
          {toast.action && (
            <Button
              size="small"
              look="quiet"
              onClick={() => {
                toast.action?.run()
                dismiss(toast.id)
              }}
            >
              {toast.action.label}
            </Button>
          )}
          <IconButton label={words.dismiss} icon={<X size={14} />} size="small" onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </section>
  )
}

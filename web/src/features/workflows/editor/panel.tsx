import { X } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Button, IconButton } from '../../../ui/button'
import { useEditor } from './context'
import styles from './panel.module.css'
import { words } from './words'

interface PanelProps {
  title: string
  /** Identifies the open item, so that another item in the same panel takes the focus. */
  of: string
  icon?: ReactNode
  /** The actions at the end, before Close. */
  actions?: ReactNode
  children: ReactNode
}

/** The panel on the right: the open step, the trigger, the output, or a step to add. Escape closes it. */
export function Panel({ title, of, icon, actions, children }: PanelProps) {
  const { select } = useEditor()
  const panel = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another item in the panel takes the focus
  useEffect(() => {
    if (!panel.current?.contains(document.activeElement)) panel.current?.focus()
  }, [of])
  return (
    <aside
      className={styles.panel}
      aria-label={title}
      ref={panel}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return
        event.stopPropagation()
        select(undefined)
      }}
    >
      <header className={styles.head}>
        {icon}
        <h2 className={styles.title}>{title}</h2>
        <IconButton label={words.close} icon={<X size={15} />} size="small" onClick={() => select(undefined)} />
      </header>
      <div className={styles.body}>{children}</div>
      <footer className={styles.foot}>
        {actions}
        <span className={styles.fill} />
        <Button onClick={() => select(undefined)}>{words.close}</Button>
      </footer>
    </aside>
  )
}

/** A part of a panel with its heading. */
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <h3 className={styles.heading}>{title}</h3>
      {children}
    </section>
  )
}

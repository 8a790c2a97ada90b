import type { ReactNode } from 'react'
import { root } from '../../api/client'
import { classes } from '../../ui/class-names'
import { useTitle } from '../../ui/page'
import styles from './door.module.css'

interface DoorProps {
  title: string
  hint?: string
  isWide?: boolean
  children: ReactNode
}

/** The frame of the screens without a session. */
export function Door({ title, hint, isWide, children }: DoorProps) {
  useTitle(title)
  return (
    <main className={styles.door}>
      <div className={classes(styles.card, isWide && styles.wide)}>
        <img className={styles.mark} src={new URL('icon.svg', root).href} alt="" />
        <h1 className={styles.title}>{title}</h1>
        {hint && <p className={styles.hint}>{hint}</p>}
        <div className={styles.content}>{children}</div>
      </div>
    </main>
  )
}

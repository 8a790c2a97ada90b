import type { ReactNode } from 'react'
import { classes } from './class-names'
import styles from './stack.module.css'

type Gap = 1 | 2 | 3 | 4 | 6

/** Elements below each other. */
export function Stack({ gap = 4, children }: { gap?: Gap; children: ReactNode }) {
  return <div className={classes(styles.stack, styles[`gap${gap}`])}>{children}</div>
}

interface RowProps {
  gap?: Gap
  wraps?: boolean
  isSpread?: boolean
  children: ReactNode
}

/** Elements beside each other. */
export function Row({ gap = 2, wraps, isSpread, children }: RowProps) {
  return (
    <div className={classes(styles.row, styles[`gap${gap}`], wraps && styles.wraps, isSpread && styles.spread)}>
      {children}
    </div>
  )
}

/** Less prominent text. */
export function Muted({ children }: { children: ReactNode }) {
  return <span className={styles.muted}>{children}</span>
}

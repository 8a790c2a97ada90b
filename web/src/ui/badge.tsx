import type { ReactNode } from 'react'
import styles from './badge.module.css'
import { classes } from './class-names'

export type Tone = 'neutral' | 'good' | 'bad' | 'warn' | 'info' | 'accent'

/** A short label: a state, a tag, a count. */
export function Badge({ tone = 'neutral', icon, children }: { tone?: Tone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={classes(styles.badge, tone !== 'neutral' && styles[tone])}>
      {icon}
      {children}
    </span>
  )
}

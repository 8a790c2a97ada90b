import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { classes } from './class-names'
import styles from './notice.module.css'

const ICONS = { info: Info, good: CircleCheck, warn: TriangleAlert, bad: CircleAlert }

interface NoticeProps {
  tone?: keyof typeof ICONS
  children: ReactNode
  action?: ReactNode
  /** Read by screen readers when it appears. */
  isAlert?: boolean
}

/** A message in the flow of a screen. */
export function Notice({ tone = 'info', children, action, isAlert }: NoticeProps) {
  const Icon = ICONS[tone]
  return (
    <div className={classes(styles.notice, styles[tone])} role={isAlert ? 'alert' : undefined}>
      <Icon size={15} aria-hidden />
      <div className={styles.text}>{children}</div>
      {action}
    </div>
  )
}

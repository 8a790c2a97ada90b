import type { ReactNode } from 'react'
import { Card } from '../../ui/card'
import styles from './home.module.css'

/** A card of Home: a few rows, and a link to all of them. */
export function Short({ title, more, children }: { title: string; more?: ReactNode; children: ReactNode }) {
  return (
    <Card title={title} actions={more && <span className={styles.more}>{more}</span>} isBare>
      {children}
    </Card>
  )
}

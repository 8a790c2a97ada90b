import { type ReactNode, useId } from 'react'
import styles from './card.module.css'

interface CardProps {
  title?: string
  actions?: ReactNode
  /** Without padding, for lists that go to the edge. */
  isBare?: boolean
  children: ReactNode
}

/** A part of a screen with a heading of its own. */
export function Card({ title, actions, isBare, children }: CardProps) {
  const id = useId()
  return (
    <section className={styles.card} aria-labelledby={title ? id : undefined}>
      {title && (
        <div className={styles.head}>
          <h2 className={styles.title} id={id}>
            {title}
          </h2>
          {actions}
        </div>
      )}
      <div className={isBare ? styles.bare : styles.body}>{children}</div>
    </section>
  )
}

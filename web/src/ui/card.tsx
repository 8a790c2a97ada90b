import { type ReactNode, useId } from 'react'
import styles from './card.module.css'
import { classes } from './class-names'

interface CardProps {
  title?: string
  actions?: ReactNode
  /** Without padding, for lists that extend to the edge. */
  isBare?: boolean
  /** Its heading stays visible while the card scrolls: for a card with a Save button. */
  hasStickyHead?: boolean
  children: ReactNode
}

/** A part of a screen with its own heading. */
export function Card({ title, actions, isBare, hasStickyHead, children }: CardProps) {
  const id = useId()
  return (
    <section className={styles.card} aria-labelledby={title ? id : undefined}>
      {title && (
        <div className={classes(styles.head, hasStickyHead && styles.sticky)}>
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

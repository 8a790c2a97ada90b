import { Fragment, type ReactNode } from 'react'
import styles from './details.module.css'

/** Names and values: the properties of a case, a run, a key. */
export function Details({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className={styles.list}>
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <dt className={styles.name}>{name}</dt>
          <dd className={styles.value}>{value}</dd>
        </Fragment>
      ))}
    </dl>
  )
}

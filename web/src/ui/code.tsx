import styles from './code.module.css'

/** Data or a command, verbatim. */
export function Code({ label, children }: { label: string; children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard
    <section className={styles.block} tabIndex={0} aria-label={label}>
      <pre>{children}</pre>
    </section>
  )
}

/** A value of any shape, indented. */
export function Json({ label, value }: { label: string; value: unknown }) {
  return <Code label={label}>{JSON.stringify(value, null, 2) ?? ''}</Code>
}

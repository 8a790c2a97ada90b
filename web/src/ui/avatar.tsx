import styles from './avatar.module.css'
import { classes } from './class-names'

/** A person's initials, always in the same color. */
export function Avatar({ name, isLarge }: { name: string; isLarge?: boolean }) {
  const tint = [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 5
  return (
    <span className={classes(styles.avatar, isLarge && styles.large, styles[`tint${tint}`])} aria-hidden>
      {initials(name)}
    </span>
  )
}

/** A person's initials and name. */
export function Person({ name }: { name: string }) {
  return (
    <span className={styles.person}>
      <Avatar name={name} />
      <span className={styles.name}>{name}</span>
    </span>
  )
}

function initials(name: string): string {
  const parts =
    name
      .split('@')[0]
      ?.split(/[\s._-]+/)
      .filter(Boolean) ?? []
  return parts
    .slice(0, 2)
    .map((part) => part[0])
    .join('')
}

import { classes } from './class-names'
import { hueOf } from './hue'
import styles from './status-chip.module.css'
import { words } from './words'

export type StatusKind = 'initial' | 'intermediate' | 'end'

interface StatusChipProps {
  name: string
  /** Its type gives the icon: colour is never the only sign. */
  type: StatusKind | undefined
  /** As its template has it; the type's own colour where it has none. */
  colour?: string | null
  isBoxed?: boolean
}

const OF_TYPE = { initial: 'gray', intermediate: 'amber', end: 'blue' } as const

/** A status as it looks everywhere: hollow where it begins, half full on the way, full at an end. */
export function StatusChip({ name, type, colour, isBoxed }: StatusChipProps) {
  const hue = hueOf(colour) ?? (type ? OF_TYPE[type] : 'gray')
  return (
    <span className={classes(styles.chip, styles[hue], isBoxed && styles.boxed)}>
      <StatusIcon type={type} />
      <span className={styles.name}>{name}</span>
    </span>
  )
}

/** The icon of a status type. It takes the colour of the text around it. */
export function StatusIcon({ type, size = 14 }: { type: StatusKind | undefined; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 14 14"
      role="img"
      aria-label={type && words.statusTypes[type]}
      aria-hidden={type === undefined}
    >
      <circle
        cx="7"
        cy="7"
        r="5.75"
        fill={type === 'end' ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth="1.5"
      />
      {type === 'intermediate' && <path d="M7 3.500a3.500 3.500 0 0 1 0 7Z" fill="currentColor" />}
      {type === 'end' && (
        <path
          d="m4.600 7.100 1.700 1.700 3.200-3.400"
          fill="none"
          stroke="var(--surface)"
          strokeWidth="1.500"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  )
}

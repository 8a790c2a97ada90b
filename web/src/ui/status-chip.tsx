import { classes } from './class-names'
import { hueOf } from './hue'
import styles from './status-chip.module.css'
import { words } from './words'

export type StatusKind = 'initial' | 'intermediate' | 'end'

interface StatusChipProps {
  name: string
  /** Its type determines the icon: color is never the only sign. */
  type: StatusKind | undefined
  /** The color in its template; the type's own color if there is none. */
  colour?: string | null
  isBoxed?: boolean
}

const OF_TYPE = { initial: 'gray', intermediate: 'amber', end: 'blue' } as const

/** A status: the circle is empty for an initial one, half full for an intermediate one, full for a final one. */
export function StatusChip({ name, type, colour, isBoxed }: StatusChipProps) {
  return (
    <span className={classes(styles.chip, isBoxed && styles.boxed)}>
      <StatusIcon type={type} colour={colour} />
      <span className={styles.name}>{name}</span>
    </span>
  )
}

interface StatusIconProps {
  /** `undefined` while it is unknown: a dashed line. */
  type: StatusKind | undefined
  colour?: string | null | undefined
}

/** The icon of a status, for use beside its name. */
export function StatusIcon({ type, colour }: StatusIconProps) {
  const hue = hueOf(colour) ?? (type ? OF_TYPE[type] : 'gray')
  return (
    <svg
      width={14}
      height={14}
      viewBox="0 0 14 14"
      role="img"
      className={classes(styles.icon, styles[hue])}
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
        strokeDasharray={type === undefined ? '2 2.5' : undefined}
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

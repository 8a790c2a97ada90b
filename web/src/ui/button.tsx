import type { ComponentProps, ReactNode } from 'react'
import styles from './button.module.css'
import { classes } from './class-names'
import { Tooltip } from './tooltip'

type Look = 'primary' | 'secondary' | 'quiet' | 'danger'
type Size = 'small' | 'medium' | 'large'

interface Common {
  look?: Look
  size?: Size
  /** Whether the action is in progress: the button shows a spinner and ignores clicks. */
  isBusy?: boolean
}

export interface ButtonProps extends Common, ComponentProps<'button'> {
  icon?: ReactNode
  isWide?: boolean
}

export function Button({
  look = 'secondary',
  size = 'medium',
  isBusy,
  isWide,
  icon,
  className,
  children,
  disabled,
  type = 'button',
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      className={classes(styles.button, styles[look], styles[size], isWide && styles.wide, className)}
      disabled={disabled || isBusy}
      aria-busy={isBusy || undefined}
      {...rest}
    >
      {isBusy ? <span className={styles.spinner} aria-hidden /> : icon}
      {children}
    </button>
  )
}

export interface IconButtonProps extends Common, Omit<ComponentProps<'button'>, 'children'> {
  /** The action: its accessible name, shown on hover and focus. */
  label: string
  icon: ReactNode
  /** The keyboard shortcut. */
  keys?: string
}

export function IconButton({
  label,
  icon,
  keys,
  look = 'quiet',
  size = 'medium',
  isBusy,
  className,
  disabled,
  type = 'button',
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={label} keys={keys}>
      <button
        type={type}
        aria-label={label}
        className={classes(styles.button, styles.icon, styles[look], styles[size], className)}
        disabled={disabled || isBusy}
        {...rest}
      >
        {isBusy ? <span className={styles.spinner} aria-hidden /> : icon}
      </button>
    </Tooltip>
  )
}

/** The classes of a button, for a link that looks like one. */
export function buttonClasses(look: Look = 'secondary', size: Size = 'medium'): string {
  return classes(styles.button, styles[look], styles[size])
}

import { Check } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { classes } from './class-names'
import { Keys } from './kbd'
import styles from './menu.module.css'

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactNode
  align?: 'start' | 'center' | 'end'
  side?: 'top' | 'right' | 'bottom' | 'left'
  children: ReactNode
}

export function Menu({ trigger, align = 'start', side = 'bottom', children }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles.menu} align={align} side={side} sideOffset={5} collisionPadding={8}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

interface MenuItemProps {
  icon?: ReactNode
  keys?: string
  isDangerous?: boolean
  isChecked?: boolean
  disabled?: boolean
  /** Prevent the event's default to keep the menu open. */
  onSelect: (event: Event) => void
  children: ReactNode
}

export function MenuItem({ icon, keys, isDangerous, isChecked, disabled, onSelect, children }: MenuItemProps) {
  const inside = (
    <>
      {icon}
      <span className={styles.text}>{children}</span>
      {isChecked && <Check size={14} aria-hidden />}
      {keys && <Keys keys={keys} />}
    </>
  )
  const className = classes(styles.item, isDangerous && styles.dangerous)
  if (isChecked === undefined) {
    return (
      <Radix.Item className={className} disabled={disabled} onSelect={onSelect}>
        {inside}
      </Radix.Item>
    )
  }
  return (
    <Radix.CheckboxItem className={className} checked={isChecked} disabled={disabled} onSelect={onSelect}>
      {inside}
    </Radix.CheckboxItem>
  )
}

/** A menu entry that is a link: the link is its child. */
export function MenuLink({ children }: { children: ReactNode }) {
  return (
    <Radix.Item asChild className={styles.item}>
      {children}
    </Radix.Item>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className={styles.label}>{children}</Radix.Label>
}

export function MenuLine() {
  return <Radix.Separator className={styles.line} />
}

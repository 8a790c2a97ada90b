import { ChevronsUpDown } from 'lucide-react'
import { type EnvironmentKind, useSession } from '../../api/session'
import { classes } from '../../ui/class-names'
import { Menu, MenuItem, MenuLabel } from '../../ui/menu'
import { words } from '../words'
import { nameOf } from './environment-name'
import styles from './environment-switch.module.css'
import { useSwitchEnvironment } from './session-changes'

/** The organization, and the current one of its two environments. */
export function EnvironmentSwitch() {
  const session = useSession()
  const change = useSwitchEnvironment()
  const here = nameOf(session.environment)
  return (
    <Menu
      trigger={
        <button type="button" className={styles.switch}>
          <span className={styles.mark} aria-hidden>
            {session.organization.name.slice(0, 1).toUpperCase()}
          </span>
          <span className={styles.words}>
            <span className={styles.name}>{session.organization.name}</span>
            <span className={styles.environment}>
              <Dot kind={session.environment} />
              {here}
            </span>
          </span>
          <span className="visually-hidden">{words.switchEnvironment}</span>
          <ChevronsUpDown size={14} className={styles.sign} aria-hidden />
        </button>
      }
    >
      <MenuLabel>{words.environment}</MenuLabel>
      {session.environments.map((kind) => (
        <MenuItem
          key={kind}
          icon={<Dot kind={kind} />}
          isChecked={kind === session.environment}
          onSelect={() => kind !== session.environment && change(kind)}
        >
          {nameOf(kind)}
        </MenuItem>
      ))}
    </Menu>
  )
}

function Dot({ kind }: { kind: EnvironmentKind }) {
  return <span className={classes(styles.dot, kind === 'sandbox' && styles.sandbox)} aria-hidden />
}

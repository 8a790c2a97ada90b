import { BookOpen, Keyboard, LogOut, Monitor, Moon, Sun } from 'lucide-react'
import { root } from '../../api/client'
import { useSession } from '../../api/session'
import { Avatar } from '../../ui/avatar'
import { Menu, MenuItem, MenuLabel, MenuLine, MenuLink } from '../../ui/menu'
import { chooseTheme, type Theme, useTheme } from '../../ui/theme'
import { words } from '../words'
import { useSignOut } from './session-changes'
import styles from './user-menu.module.css'

export const THEMES: { theme: Theme; label: string; icon: React.ReactNode }[] = [
  { theme: 'system', label: words.system, icon: <Monitor size={14} /> },
  { theme: 'light', label: words.light, icon: <Sun size={14} /> },
  { theme: 'dark', label: words.dark, icon: <Moon size={14} /> },
]

/** The first page of the guide, which the server includes. */
export const GUIDE = new URL('docs/guide/README.html', root).href

/** The signed-in user, the theme, and signing out. */
export function UserMenu({ onKeys }: { onKeys: () => void }) {
  const { user } = useSession()
  const theme = useTheme()
  const leave = useSignOut()
  return (
    <Menu
      side="top"
      trigger={
        <button type="button" className={styles.user}>
          <Avatar name={user.name} />
          <span className={styles.name}>{user.name}</span>
          <span className="visually-hidden">{words.account}</span>
        </button>
      }
    >
      <MenuLabel>{words.signedInAs(user.email)}</MenuLabel>
      <MenuLine />
      <MenuLabel>{words.appearance}</MenuLabel>
      {THEMES.map((choice) => (
        <MenuItem
          key={choice.theme}
          icon={choice.icon}
          isChecked={choice.theme === theme}
          onSelect={() => chooseTheme(choice.theme)}
        >
          {choice.label}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuLink>
        <a href={GUIDE} target="_blank" rel="noreferrer">
          <BookOpen size={14} />
          {words.guide}
        </a>
      </MenuLink>
      <MenuItem icon={<Keyboard size={14} />} keys="?" onSelect={onKeys}>
        {words.keys}
      </MenuItem>
      <MenuItem icon={<LogOut size={14} />} onSelect={leave}>
        {words.signOut}
      </MenuItem>
    </Menu>
  )
}

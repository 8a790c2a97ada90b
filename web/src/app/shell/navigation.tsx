import { Link, useRouterState } from '@tanstack/react-router'
import { useSession } from '../../api/session'
import { classes } from '../../ui/class-names'
import { type Place, sections } from '../navigation'
import { words } from '../words'
import styles from './navigation.module.css'

/** The list on the left. Places that the user may not read are left out. */
export function Navigation({ onGo }: { onGo: () => void }) {
  const { permissions } = useSession()
  const here = useRouterState({ select: (state) => state.location.pathname })
  const may = (place: Place) => !place.permission || permissions.has(place.permission)
  const current = nearest(here)

  return (
    <nav className={styles.nav} aria-label={words.navigation}>
      <ul className={styles.sections}>
        {sections.map((section) => {
          const places = section.places.filter(may)
          if (section.places.length > 0 && places.length === 0) return null
          return (
            <li key={section.label}>
              <Link
                to={section.places.length ? (places[0]?.to ?? section.to) : section.to}
                className={classes(
                  styles.entry,
                  section.places.length === 0 && current === section.to && styles.current,
                )}
                aria-current={section.places.length === 0 && current === section.to ? 'page' : undefined}
                onClick={onGo}
              >
                {section.icon}
                {section.label}
              </Link>
              {places.length > 0 && (
                <ul className={styles.places}>
                  {places.map((place) => (
                    <li key={place.to}>
                      <Link
                        to={place.to}
                        className={classes(styles.entry, styles.leaf, current === place.to && styles.current)}
                        aria-current={current === place.to ? 'page' : undefined}
                        onClick={onGo}
                      >
                        {place.label}
                      </Link>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          )
        })}
      </ul>
    </nav>
  )
}

/** The place that a path is at or below: its longest prefix. */
export function nearest(path: string): string | undefined {
  const places = sections.flatMap((section) => [section.to, ...section.places.map((place) => place.to)])
  const above = places.filter((to) => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`)))
  return above.sort((a, b) => b.length - a.length)[0]
}

import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useNavigate } from '@tanstack/react-router'
import { BookOpen, Keyboard, Menu as MenuIcon, Plus, WifiOff, X } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { root } from '../../api/client'
import { useConnection } from '../../api/connection'
import { keepLive, useIsLive } from '../../api/live'
import { sessionQuery, useSession } from '../../api/session'
import { IconButton } from '../../ui/button'
import { classes } from '../../ui/class-names'
import { useCommands } from '../../ui/commands'
import { useKeys } from '../../ui/keys'
import { chooseTheme } from '../../ui/theme'
import { allPlaces } from '../navigation'
import { words } from '../words'
import { nameOf } from './environment-name'
import { EnvironmentSwitch } from './environment-switch'
import { useFirstStepsWatch } from './first-steps'
import { Navigation } from './navigation'
import { SearchButton } from './search-button'
import { useFollowOtherTabs, useSayWhereWeAre, useSignOut, useSwitchEnvironment } from './session-changes'
import styles from './shell.module.css'
import { useIsSignedOut } from './signed-out'
import { GUIDE, THEMES, UserMenu } from './user-menu'

// Rarely opened parts are loaded when they are opened; the palette is loaded beforehand.
const loadPalette = () => import('./palette')
const Palette = lazy(() => loadPalette().then((module) => ({ default: module.Palette })))
const KeysDialog = lazy(() => import('./keys-dialog').then((module) => ({ default: module.KeysDialog })))
const SignInAgain = lazy(() => import('./sign-in-again').then((module) => ({ default: module.SignInAgain })))

type Over = 'palette' | 'keys' | undefined

/** The frame of every screen after signing in. */
export function Shell() {
  const session = useSession()
  const [over, setOver] = useState<Over>()
  const [isNavOpen, setIsNavOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const [isOut, comeBack] = useIsSignedOut()
  usePaletteBeforehand()
  useFollowOtherTabs()
  useSayWhereWeAre()
  useFirstStepsWatch()
  useLive(session.id)
  useShellKeys(setOver)
  useShellCommands(setOver)

  return (
    <div className={classes(styles.shell, isNavOpen && styles.isOpen)}>
      {/* biome-ignore lint/a11y/useValidAnchor: it moves the focus, which a fragment can't do with a <base> */}
      <a
        href="#main"
        className={styles.skip}
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        {words.skip}
      </a>
      {session.environment === 'sandbox' ? <aside className={styles.line} aria-label={words.sandboxLine} /> : <span />}
      <header className={styles.top}>
        <IconButton
          label={isNavOpen ? words.closeNavigation : words.openNavigation}
          icon={isNavOpen ? <X size={16} /> : <MenuIcon size={16} />}
          aria-expanded={isNavOpen}
          onClick={() => setIsNavOpen(!isNavOpen)}
        />
        <strong>{words.product}</strong>
        <span className={classes(styles.environment, session.environment === 'sandbox' && styles.sandbox)}>
          {nameOf(session.environment)}
        </span>
      </header>
      <div className={styles.side}>
        <EnvironmentSwitch />
        <SearchButton onClick={() => setOver('palette')} />
        <Navigation onGo={() => setIsNavOpen(false)} />
        <UserMenu onKeys={() => setOver('keys')} />
      </div>
      {isNavOpen && (
        <button
          type="button"
          className={styles.curtain}
          aria-label={words.closeNavigation}
          onClick={() => setIsNavOpen(false)}
        />
      )}
      <main className={styles.main} ref={main} id="main" tabIndex={-1}>
        <Disconnected />
        <Paused />
        <div className={styles.content}>
          <Outlet />
        </div>
      </main>
      <Suspense>
        {over === 'palette' && <Palette onClose={() => setOver(undefined)} />}
        {over === 'keys' && <KeysDialog onClose={() => setOver(undefined)} />}
        {isOut && <SignInAgain onSignedIn={comeBack} />}
      </Suspense>
    </div>
  )
}

/** Loads the palette before its first key, so that nothing typed after the key is lost. */
function usePaletteBeforehand() {
  useEffect(() => {
    loadPalette().catch(() => {})
  }, [])
}

function useLive(sessionId: string) {
  const client = useQueryClient()
  useEffect(() => {
    // The session has ended, which the request finds out, or it is in the other environment, which starts at Home.
    const whenEnded = () =>
      client.fetchQuery({ ...sessionQuery, staleTime: 0 }).then(
        () => window.location.assign(root),
        () => {},
      )
    return keepLive(client, sessionId, whenEnded)
  }, [client, sessionId])
}

/** Shows that there is no connection: the screen may be out of date, and nothing can be changed. */
function Disconnected() {
  const client = useQueryClient()
  const connection = useConnection()
  const wasCut = useRef(false)
  useEffect(() => {
    if (connection === 'online' && wasCut.current) client.invalidateQueries({ type: 'active' })
    wasCut.current = connection !== 'online'
  }, [connection, client])
  if (connection === 'online') return null
  return (
    <div className={styles.paused} role="alert">
      <WifiOff size={14} aria-hidden />
      {words.disconnected[connection]}
    </div>
  )
}

/** Shows that changes by others do not arrive automatically: the screen may be out of date. */
function Paused() {
  const isLive = useIsLive()
  const isConnected = useConnection() === 'online'
  const [isFelt, setIsFelt] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsFelt(!isLive), isLive ? 0 : PAUSE_FELT_MS)
    return () => clearTimeout(timer)
  }, [isLive])
  if (isLive || !isFelt || !isConnected) return null
  return (
    <div className={styles.paused} role="status">
      {words.notLive}
    </div>
  )
}

const PAUSE_FELT_MS = 4000

function useShellKeys(setOver: (over: Over) => void) {
  const navigate = useNavigate()
  const { permissions } = useSession()
  const places = allPlaces(permissions)
  useKeys([
    { keys: 'mod+k', label: words.palette, scope: 'everywhere', whileTyping: true, run: () => setOver('palette') },
    { keys: '/', label: words.search, scope: 'everywhere', run: () => setOver('palette') },
    { keys: '?', label: words.keys, scope: 'everywhere', run: () => setOver('keys') },
    ...places
      .filter((place) => place.key)
      .map((place) => ({
        keys: `g ${place.key}`,
        label: place.label,
        scope: 'everywhere' as const,
        run: () => navigate({ to: place.to }),
      })),
  ])
}

function useShellCommands(setOver: (over: Over) => void) {
  const navigate = useNavigate()
  const session = useSession()
  const leave = useSignOut()
  const change = useSwitchEnvironment()
  const others = session.environments.filter((kind) => kind !== session.environment)
  useCommands([
    ...(session.permissions.has('case.write')
      ? [
          {
            id: 'create-case',
            label: words.createCase,
            group: words.create,
            icon: <Plus size={14} />,
            run: () => void navigate({ to: '/cases', search: { create: true } }),
          },
        ]
      : []),
    ...(session.permissions.has('workflow.write')
      ? [
          {
            id: 'create-workflow',
            label: words.createWorkflow,
            group: words.create,
            icon: <Plus size={14} />,
            run: () => void navigate({ to: '/workflows', search: { create: true } }),
          },
        ]
      : []),
    ...THEMES.map(({ theme, label, icon }) => ({
      id: `theme-${theme}`,
      label: words.appearanceOf(label),
      group: words.actions,
      icon,
      run: () => chooseTheme(theme),
    })),
    {
      id: 'guide',
      label: words.guide,
      group: words.actions,
      icon: <BookOpen size={14} />,
      run: () => void window.open(GUIDE, '_blank', 'noreferrer'),
    },
    {
      id: 'keys',
      label: words.keys,
      group: words.actions,
      icon: <Keyboard size={14} />,
      keys: '?',
      run: () => setOver('keys'),
    },
    { id: 'sign-out', label: words.signOut, group: words.actions, run: () => void leave() },
    ...others.map((kind) => ({
      id: `switch-${kind}`,
      label: words.switchTo(nameOf(kind)),
      group: words.actions,
      run: () => void change(kind),
    })),
  ])
}

import { useCallback, useEffect } from 'react'
import { root } from '../../api/client'
import { type EnvironmentKind, signOut, switchEnvironment, useSession } from '../../api/session'
import { forgetKept } from '../../ui/kept'
import { toast } from '../../ui/toast'
import { words } from '../words'
import { nameOf } from './environment-name'

/** The tabs of a browser share one session: when it changes in one, the others must show the new one or none. */
const CHANNEL = 'docket-session'

/** One for telling and listening: a channel does not hear itself, so that this tab goes only where it was sent. */
let channel: BroadcastChannel | undefined
const tabs = () => {
  channel ??= new BroadcastChannel(CHANNEL)
  return channel
}

const tellOtherTabs = () => tabs().postMessage('changed')

/** Loads the page anew where another tab signed out or went to the other environment. */
export function useFollowOtherTabs() {
  useEffect(() => {
    tabs().onmessage = () => window.location.assign(root)
    return () => {
      tabs().onmessage = null
    }
  }, [])
}

/** Which environment a tab was in last, and whose. */
const WAS_IN = 'docket.environment'

/** Says so when the tab is in another environment than before without having gone there. */
export function useSayWhereWeAre() {
  const { user, environment } = useSession()
  useEffect(() => {
    const [before, now] = [sessionStorage.getItem(WAS_IN), `${user.id} ${environment}`]
    sessionStorage.setItem(WAS_IN, now)
    const isOurs = before?.startsWith(`${user.id} `)
    if (isOurs && before !== now) toast.done(words.switchedElsewhere(nameOf(environment)))
  }, [user.id, environment])
}

/** Goes to the other environment, with all tabs. What is open here does not exist there, so it begins at Home. */
export function useSwitchEnvironment() {
  return useCallback(async (environment: EnvironmentKind) => {
    try {
      await switchEnvironment(environment)
      sessionStorage.removeItem(WAS_IN)
      tellOtherTabs()
      window.location.assign(root)
    } catch (problem) {
      toast.failed((problem as Error).message)
    }
  }, [])
}

/** Signs out, with all tabs. */
export function useSignOut() {
  const { user } = useSession()
  return useCallback(async () => {
    try {
      await signOut()
      // The next person at this computer must not see unsaved comments.
      forgetKept(user.id, 'comment')
      sessionStorage.removeItem(WAS_IN)
      tellOtherTabs()
      window.location.assign(new URL('sign-in', root))
    } catch (problem) {
      toast.failed((problem as Error).message)
    }
  }, [user.id])
}

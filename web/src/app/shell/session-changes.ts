import { useCallback, useEffect } from 'react'
import { root } from '../../api/client'
import { type EnvironmentKind, signOut, switchEnvironment, useSession } from '../../api/session'
import { forgetKept } from '../../ui/kept'
import { toast } from '../../ui/toast'
import { words } from '../words'
import { nameOf } from './environment-name'

/** The tabs of a browser share one session: after a change in one, the others must show the new one or none. */
const CHANNEL = 'docket-session'

/** One channel to send and receive: it does not receive its own messages, so this tab is not reloaded by them. */
let channel: BroadcastChannel | undefined
const tabs = () => {
  channel ??= new BroadcastChannel(CHANNEL)
  return channel
}

const tellOtherTabs = () => tabs().postMessage('changed')

/** Reloads the page after another tab signed out or switched to the other environment. */
export function useFollowOtherTabs() {
  useEffect(() => {
    tabs().onmessage = () => window.location.assign(root)
    return () => {
      tabs().onmessage = null
    }
  }, [])
}

/** The last environment of a tab, and its user. */
const WAS_IN = 'docket.environment'

/** Shows a message if the tab is in another environment than before without having switched. */
export function useSayWhereWeAre() {
  const { user, environment } = useSession()
  useEffect(() => {
    const [before, now] = [sessionStorage.getItem(WAS_IN), `${user.id} ${environment}`]
    sessionStorage.setItem(WAS_IN, now)
    const isOurs = before?.startsWith(`${user.id} `)
    if (isOurs && before !== now) toast.done(words.switchedElsewhere(nameOf(environment)))
  }, [user.id, environment])
}

/** Switches all tabs to the other environment. The open object does not exist there, so they start at Home. */
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

/** Signs out in all tabs. */
export function useSignOut() {
  const { user } = useSession()
  return useCallback(async () => {
    try {
      await signOut()
      // The next user of this computer must not see unsaved comments.
      forgetKept(user.id, 'comment')
      sessionStorage.removeItem(WAS_IN)
      tellOtherTabs()
      window.location.assign(new URL('sign-in', root))
    } catch (problem) {
      toast.failed((problem as Error).message)
    }
  }, [user.id])
}

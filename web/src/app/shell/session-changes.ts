import { useCallback, useEffect } from 'react'
import { root } from '../../api/client'
import { type EnvironmentKind, signOut, switchEnvironment } from '../../api/session'
import { toast } from '../../ui/toast'

/** The tabs of a browser share one session: when it changes in one, the others must show the new one or none. */
const CHANNEL = 'docket-session'

function tellOtherTabs() {
  const channel = new BroadcastChannel(CHANNEL)
  channel.postMessage('changed')
  channel.close()
}

/** Loads the page anew where another tab signed out or went to the other environment. */
export function useFollowOtherTabs() {
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL)
    channel.onmessage = () => window.location.assign(root)
    return () => channel.close()
  }, [])
}

/** Goes to the other environment, with all tabs. What is open here does not exist there, so it begins at Home. */
export function useSwitchEnvironment() {
  return useCallback(async (environment: EnvironmentKind) => {
    try {
      await switchEnvironment(environment)
      tellOtherTabs()
      window.location.assign(root)
    } catch (problem) {
      toast.failed((problem as Error).message)
    }
  }, [])
}

/** Signs out, with all tabs. */
export function useSignOut() {
  return useCallback(async () => {
    try {
      await signOut()
      tellOtherTabs()
      window.location.assign(new URL('sign-in', root))
    } catch (problem) {
      toast.failed((problem as Error).message)
    }
  }, [])
}

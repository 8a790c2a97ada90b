import { useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { observeCalls } from '../../api/client'
import { markStep, stepOfCall, stepOfPlace } from '../../api/first-steps'
import { useSession } from '../../api/session'

/** Watches for the first steps of somebody new, so that no screen needs to know of them. */
export function useFirstStepsWatch() {
  const { user } = useSession()
  const here = useRouterState({ select: (state) => state.location.pathname })

  useEffect(() => {
    const step = stepOfPlace(here)
    if (step) markStep(user.id, step)
  }, [here, user.id])

  useEffect(
    () =>
      observeCalls((method, path) => {
        const step = stepOfCall(method, path)
        if (step) markStep(user.id, step)
      }),
    [user.id],
  )
}

import { useQueryClient } from '@tanstack/react-query'
import { useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { observeCalls } from '../../api/client'
import { markStep, stepOfCall, stepOfPlace } from '../../api/first-steps'

/** Records the first steps of a new user, so that no screen needs to report them. */
export function useFirstStepsWatch() {
  const client = useQueryClient()
  const here = useRouterState({ select: (state) => state.location.pathname })

  useEffect(() => {
    const step = stepOfPlace(here)
    if (step) markStep(client, step)
  }, [here, client])

  useEffect(
    () =>
      observeCalls((method, path) => {
        const step = stepOfCall(method, path)
        if (step) markStep(client, step)
      }),
    [client],
  )
}

import '../ui/base.css'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createRouter, RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { root } from '../api/client'
import { Problem } from '../api/problem'
import { listenToKeys } from '../ui/keys'
import { Toasts } from '../ui/toast'
import { TooltipProvider } from '../ui/tooltip'
import { routeTree } from './routes'
import { Stopped } from './stopped'

const RETRIES_MAX = 2

const client = new QueryClient({
  defaultOptions: {
    // A change is sent or refused at once. If it were queued until the connection is back, it would be applied after
    // the user has cancelled it, and to another state than the one it was decided on.
    mutations: { networkMode: 'always', retry: false },
    queries: {
      networkMode: 'always',
      refetchOnReconnect: true,
      // The stream reports changes, so data younger than this is not requested again.
      staleTime: 15_000,
      retry: (failures, problem) =>
        failures < RETRIES_MAX &&
        problem instanceof Problem &&
        (problem.kind === 'unreachable' || problem.kind === 'busy'),
    },
  },
})

const router = createRouter({
  routeTree,
  basepath: root.pathname,
  context: { client },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: Stopped,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

listenToKeys()

const place = document.getElementById('root')
if (place) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <TooltipProvider>
          <RouterProvider router={router} />
          <Toasts />
        </TooltipProvider>
      </QueryClientProvider>
    </StrictMode>,
  )
}

import { useEffect, useState } from 'react'

/** The token comes behind the `#`, which no server and no log sees, and leaves the address bar at once. */
export function useTokenOfAddress(): string {
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('token') ?? '')
  useEffect(() => {
    if (window.location.hash) window.history.replaceState(window.history.state, '', window.location.pathname)
  }, [])
  return token
}

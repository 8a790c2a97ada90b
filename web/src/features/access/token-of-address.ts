import { useEffect, useState } from 'react'

/**
 * The token follows the `#`, so it is in no server's log, and is removed from the address bar at once. The tab stores
 * it for a reload, until it is used.
 */
export function useTokenOfAddress(): { token: string; forget: () => void } {
  // Stored for this screen only: a token for one screen must not be used by another.
  const [place] = useState(() => `docket.token.${window.location.pathname}`)
  const [token] = useState(() => tokenIn(window.location.hash) ?? sessionStorage.getItem(place) ?? '')
  useEffect(() => {
    if (token) sessionStorage.setItem(place, token)
    if (window.location.hash) window.history.replaceState(window.history.state, '', window.location.pathname)
  }, [place, token])
  return { token, forget: () => sessionStorage.removeItem(place) }
}

const tokenIn = (hash: string) => new URLSearchParams(hash.slice(1)).get('token')

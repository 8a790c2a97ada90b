import { useEffect, useState } from 'react'

/**
 * The token comes behind the `#`, which no server and no log sees, and leaves the address bar at once. The tab keeps it
 * for a reload, until it is used.
 */
export function useTokenOfAddress(): { token: string; forget: () => void } {
  // Of this screen alone: what opens another door opens not this one.
  const [place] = useState(() => `docket.token.${window.location.pathname}`)
  const [token] = useState(() => tokenIn(window.location.hash) ?? sessionStorage.getItem(place) ?? '')
  useEffect(() => {
    if (token) sessionStorage.setItem(place, token)
    if (window.location.hash) window.history.replaceState(window.history.state, '', window.location.pathname)
  }, [place, token])
  return { token, forget: () => sessionStorage.removeItem(place) }
}

const tokenIn = (hash: string) => new URLSearchParams(hash.slice(1)).get('token')

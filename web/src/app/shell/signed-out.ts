import { useEffect, useState } from 'react'
import { whenSignedOut } from '../../api/client'

/** Whether the session has ended, and the callback for a new one. */
export function useIsSignedOut(): [isOut: boolean, comeBack: () => void] {
  const [isOut, setIsOut] = useState(false)
  useEffect(() => {
    whenSignedOut(() => setIsOut(true))
    return () => whenSignedOut(() => {})
  }, [])
  return [isOut, () => setIsOut(false)]
}

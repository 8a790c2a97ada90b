import { useEffect, useState } from 'react'

/** What came less than this ago has not been read yet. */
const READ_MS = 1000

/** The version of an object on screen: the newest, and the one that a click just now was meant for. */
export interface ShownVersion {
  etag: string | undefined
  steady: string | undefined
  accept: (read: string | undefined) => void
}

/**
 * The version that has stood on screen for a second. A click that comes right after a change elsewhere was meant for what
 * stood there before, so that is what it is sent with, and the server refuses it. `accept` takes a version as read.
 */
export function useSteady(
  now: string | undefined,
): [steady: string | undefined, accept: (read: string | undefined) => void] {
  const [steady, setSteady] = useState(now)
  useEffect(() => {
    const timer = setTimeout(() => setSteady(now), READ_MS)
    return () => clearTimeout(timer)
  }, [now])
  return [steady ?? now, setSteady]
}

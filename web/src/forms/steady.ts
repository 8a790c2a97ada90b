import { useEffect, useState } from 'react'

/** Content that appeared less than this long ago counts as not read yet. */
const READ_MS = 1000

/** The version of an object on screen: the newest, and the one that a click at this moment refers to. */
export interface ShownVersion {
  etag: string | undefined
  steady: string | undefined
  accept: (read: string | undefined) => void
}

/**
 * The version that has been on screen for a second. A click right after a change by another user refers to the previous
 * content, so it is sent with the previous version, and the server refuses it. `accept` marks a version as read.
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

import { useEffect, useState } from 'react'

/** Unsaved text, stored in the browser: leaving a screen, a crash or a sign-out loses nothing. */

/** The key contains the user's id, so that users who share a browser do not see each other's text. */
export const placeFor = (userId: string, ...of: string[]) => ['docket.kept', userId, ...of].join('.')

function read<T>(place: string): T | undefined {
  try {
    return (JSON.parse(localStorage.getItem(place) ?? 'null') as T | null) ?? undefined
  } catch {
    return undefined
  }
}

function write(place: string, value: unknown) {
  try {
    if (value === undefined) localStorage.removeItem(place)
    else localStorage.setItem(place, JSON.stringify(value))
  } catch {
    // The browser can't store it; the text exists as long as the screen.
  }
}

/** Removes the stored texts of a user under these words. */
export function forgetKept(userId: string, ...of: string[]) {
  const front = `${placeFor(userId, ...of)}.`
  for (const place of Object.keys(localStorage)) if (place.startsWith(front)) localStorage.removeItem(place)
}

/**
 * State that outlives the screen, under its key in the browser; an empty value is removed. Text typed in one tab
 * appears in the others too, so that no tab overwrites it.
 */
export function useKept<T>(place: string): [T | undefined, (value: T | undefined) => void] {
  const [value, setValue] = useState(() => read<T>(place))
  useEffect(() => {
    const follow = (event: StorageEvent) => event.key === place && setValue(read<T>(place))
    window.addEventListener('storage', follow)
    return () => window.removeEventListener('storage', follow)
  }, [place])
  const keep = (next: T | undefined) => {
    setValue(next)
    write(place, next)
  }
  return [value, keep]
}

import { useEffect, useState } from 'react'

/** What was typed and not saved, kept in the browser: leaving a screen, a crash or a sign-out loses nothing. */

/** Named by the person, so that people who share a browser do not see each other's text. */
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
    // The browser keeps nothing; it is still here as long as the screen is.
  }
}

/** Removes what is kept of a person under these words. */
export function forgetKept(userId: string, ...of: string[]) {
  const front = `${placeFor(userId, ...of)}.`
  for (const place of Object.keys(localStorage)) if (place.startsWith(front)) localStorage.removeItem(place)
}

/**
 * State that outlives the screen, at its place in the browser; with nothing in it, nothing is kept. What is typed in one tab
 * stands in the others too, so that none writes over it.
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

import { useState } from 'react'

/** What was typed and not saved, kept in the browser: leaving a screen, a crash or a sign-out loses nothing. */

/** Nobody finds what somebody else typed in the same browser. */
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

/** State that outlives the screen, at its place in the browser; with nothing in it, nothing is kept. */
export function useKept<T>(place: string): [T | undefined, (value: T | undefined) => void] {
  const [value, setValue] = useState(() => read<T>(place))
  const keep = (next: T | undefined) => {
    setValue(next)
    write(place, next)
  }
  return [value, keep]
}

import { useSyncExternalStore } from 'react'

/** Whether the window is narrower than this, such as `64rem`. */
export function useIsNarrow(width: string): boolean {
  const query = window.matchMedia?.(`(width < ${width})`)
  return useSyncExternalStore(
    (listener) => {
      query?.addEventListener('change', listener)
      return () => query?.removeEventListener('change', listener)
    },
    () => query?.matches ?? false,
  )
}

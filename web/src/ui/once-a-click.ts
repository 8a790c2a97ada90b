import type { MouseEvent } from 'react'

/** Runs once for a double click: after the first click, another element may be under the pointer. */
export const onceAClick = (act: () => void) => (event: MouseEvent) => {
  if (event.detail <= 1) act()
}

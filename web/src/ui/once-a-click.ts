import type { MouseEvent } from 'react'

/** Does it once for a double click: what the first click changed may have put something else under the second. */
export const onceAClick = (act: () => void) => (event: MouseEvent) => {
  if (event.detail <= 1) act()
}

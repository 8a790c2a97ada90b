import { fold } from '../words/fold'

/** The entry that a key moves to in a list of `count`, from the active one; `undefined` for other keys. */
export function stepTo(key: string, active: number, count: number): number | undefined {
  if (count === 0) return undefined
  switch (key) {
    case 'ArrowDown':
      return (active + 1) % count
    case 'ArrowUp':
      return (active - 1 + count) % count
    case 'Home':
    case 'PageUp':
      return 0
    case 'End':
    case 'PageDown':
      return count - 1
    default:
      return undefined
  }
}

/** The separators of words, also in keys and ids: "KYC-11", "case.created", "Verification (EU)". */
const SEPARATORS = /[\s_\-./›()[\]{}<>"“”'’,:;|&+#@]+/

/**
 * How well a text matches what was typed; 0 is no match. Every typed word must begin a word of the text, so that "cl
 * fi" finds "Close the file"; an earlier word counts for more.
 */
export function matches(typed: string, text: string): number {
  const wanted = fold(typed).split(SEPARATORS).filter(Boolean)
  const there = fold(text).split(SEPARATORS).filter(Boolean)
  let score = 1
  for (const want of wanted) {
    const place = there.findIndex((word) => word.startsWith(want))
    if (place < 0) return 0
    score += 1 / (place + 1)
  }
  return score
}

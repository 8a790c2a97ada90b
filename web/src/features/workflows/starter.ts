import { words } from './words'

interface Starter {
  type: string | null
  shownAs: string | null
}

/** Who or what started a run: by name where there is one. */
export const starterInWords = ({ type, shownAs }: Starter) => shownAs ?? words.creators[type ?? ''] ?? words.somebody

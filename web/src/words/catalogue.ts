/**
 * All texts of the dashboard are in catalogues: a file `words.ts` beside the screens that use it, loaded with them. A
 * text with parameters is a function, so the compiler checks them and a language can order them. Another language has
 * the same shape, and is set with `translate` before the screen is drawn.
 */

type Words = { [key: string]: string | ((...values: never[]) => string | readonly unknown[]) | Words }

const translations = new Map<string, Words>()

/** Declares the English texts of one catalogue; another language replaces them. */
export function catalogue<W extends Words>(room: string, english: W): W {
  return (translations.get(room) as W | undefined) ?? english
}

/** Sets the texts of a catalogue in another language. Its shape is that of the English ones. */
export function translate<W extends Words>(room: string, words: W) {
  translations.set(room, words)
}

/** The language of texts, numbers and dates. */
export const locale = 'en'

const plurals = new Intl.PluralRules(locale)

/** `plural(2, { one: '# run', other: '# runs' })` is "2 runs". */
export function plural(
  count: number,
  forms: { [Category in Intl.LDMLPluralRule]?: string } & { other: string },
): string {
  const form = forms[plurals.select(count)] ?? forms.other
  return form.replace('#', number(count))
}

const numbers = new Intl.NumberFormat(locale)

/** A number with thousands separators. */
export function number(value: number): string {
  return numbers.format(value)
}

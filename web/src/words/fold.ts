/**
 * A text in the form in which names are compared, like on the server: case folded, composed, with single spaces and
 * without invisible characters. Two names are the same if their folds are equal.
 */
export function fold(name: string): string {
  return (
    name
      .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
      .normalize('NFD')
      // The capital form of ß is SS; the Turkish ı is left out, because its capital form is I.
      .replace(/[^ı]+/gu, (letters) => letters.toUpperCase().toLowerCase())
      .replaceAll('ς', 'σ')
      .normalize('NFC')
      .replace(/\s+/gu, ' ')
      .trim()
  )
}

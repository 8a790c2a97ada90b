/**
 * A text in the form in which names are compared, as the server does it: case folded, composed, with single spaces and
 * without invisible characters. Two names are the same when their folds are equal.
 */
export function fold(name: string): string {
  return (
    name
      .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
      .normalize('NFD')
      // In capitals ß is SS; the Turkish ı keeps to itself, since in capitals it would be I.
      .replace(/[^ı]+/gu, (letters) => letters.toUpperCase().toLowerCase())
      .replaceAll('ς', 'σ')
      .normalize('NFC')
      .replace(/\s+/gu, ' ')
      .trim()
  )
}

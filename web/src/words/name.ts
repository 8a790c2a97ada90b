/** A name in the API, `waiting_for-documents`, as a label: "Waiting for documents". */
export function ofName(name: string): string {
  const spaced = name.replace(/[_-]+/g, ' ').trim()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

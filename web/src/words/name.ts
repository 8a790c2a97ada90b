/** A name as programs write it, `waiting_for-documents`, as people read it: "Waiting for documents". */
export function ofName(name: string): string {
  const spaced = name.replace(/[_-]+/g, ' ').trim()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

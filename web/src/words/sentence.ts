/** A sentence of the server, `a password has …`, with a capital letter: "A password has …". */
export function sentence(said: string): string {
  return said.charAt(0).toUpperCase() + said.slice(1)
}

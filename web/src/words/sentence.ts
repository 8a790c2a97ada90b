/** What the server says, `a password has …`, where it stands alone: "A password has …". */
export function sentence(said: string): string {
  return said.charAt(0).toUpperCase() + said.slice(1)
}

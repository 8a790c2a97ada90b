import { catalogue } from '../words/catalogue'
import { permissions } from './permissions'

const words = catalogue('lacking', {
  lacks: (what: string) =>
    `You do not have the permission “${what}”. An administrator can give you a role that has it.`,
})

const LACKING = /^this needs the permission '?([a-z_]+\.[a-z]+)'?, which/

/** A refusal for a missing permission, with the permission's label instead of its name in the API. */
export function withoutCode(details: string): string {
  const permission = LACKING.exec(details)?.[1]
  const what = permission && permissions[permission]
  return what ? words.lacks(what) : details
}

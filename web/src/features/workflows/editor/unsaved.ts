/** Work that was not saved, kept in the browser: a crash or a sign-out loses nothing. */

import type { Definition } from '../model/definition'

export interface Unsaved {
  definition: Definition
  /** The draft it was drawn on. */
  etag: string
  at: string
}

const keyOf = (workflowId: string) => `docket.unsaved.${workflowId}`

export function keepUnsaved(workflowId: string, unsaved: Unsaved) {
  try {
    localStorage.setItem(keyOf(workflowId), JSON.stringify(unsaved))
  } catch {
    // The browser keeps nothing; leaving the page still warns.
  }
}

export function forgetUnsaved(workflowId: string) {
  try {
    localStorage.removeItem(keyOf(workflowId))
  } catch {
    // As above.
  }
}

export function unsavedOf(workflowId: string): Unsaved | undefined {
  try {
    const kept = localStorage.getItem(keyOf(workflowId))
    return kept ? (JSON.parse(kept) as Unsaved) : undefined
  } catch {
    return undefined
  }
}

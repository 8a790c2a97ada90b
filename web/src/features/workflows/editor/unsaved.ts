/** Unsaved changes, stored in the browser, so that a crash or a sign-out loses nothing. */

import { useEffect, useState } from 'react'
import type { Definition } from '../model/definition'
import { same } from '../model/differences'
import type { EditorState } from './state'

export interface Unsaved {
  definition: Definition
  /** The draft that they are based on, and its ETag. */
  base: Definition
  etag: string
  at: string
}

/** Stored changes, and their key. */
export type Kept = Unsaved & { slot: string }

/** The key contains the user's id, so that users who share a browser do not see each other's drafts. */
const shelfOf = (userId: string, workflowId: string) => `docket.unsaved.${userId}.${workflowId}.`

/** A separate key for each open editor: neither a second tab nor new changes overwrite those that are still offered. */
export const slotOf = (userId: string, workflowId: string) => shelfOf(userId, workflowId) + crypto.randomUUID()

export function keepUnsaved(slot: string, unsaved: Unsaved) {
  try {
    localStorage.setItem(slot, JSON.stringify(unsaved))
  } catch {
    // The browser can't store it; leaving the page still shows a warning.
  }
}

export function forgetUnsaved(slot: string) {
  try {
    localStorage.removeItem(slot)
  } catch {
    // As above.
  }
}

/** The unsaved changes of this workflow, oldest first. */
export function unsavedOf(userId: string, workflowId: string): Kept[] {
  const shelf = shelfOf(userId, workflowId)
  try {
    const slots = Object.keys(localStorage).filter((slot) => slot.startsWith(shelf))
    const kept = slots.map((slot) => ({ ...(JSON.parse(localStorage.getItem(slot) ?? '') as Unsaved), slot }))
    return kept.sort((one, other) => one.at.localeCompare(other.at))
  } catch {
    return []
  }
}

/**
 * The changes that were unsaved when this workflow was last open in this browser, until they are restored or discarded.
 */
export function useFoundUnsaved(
  userId: string,
  workflowId: string,
  saved: Definition,
): [Kept[], (decided: Kept) => void] {
  const [found, setFound] = useState(() =>
    unsavedOf(userId, workflowId).filter(({ definition }) => !same(definition, saved)),
  )
  const decide = (decided: Kept) => {
    forgetUnsaved(decided.slot)
    setFound(found.filter(({ slot }) => slot !== decided.slot))
  }
  return [found, decide]
}

/** Stores unsaved changes in the browser, and asks before the page is left with them. */
export function useKeptUnsaved(
  userId: string,
  workflowId: string,
  { history, saved }: EditorState,
  isUnsavedNow: boolean,
) {
  const [slot] = useState(() => slotOf(userId, workflowId))
  const definition = history.present
  useEffect(() => {
    if (!isUnsavedNow) return forgetUnsaved(slot)
    keepUnsaved(slot, { definition, base: saved.definition, etag: saved.etag, at: new Date().toISOString() })
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    globalThis.addEventListener('beforeunload', ask)
    return () => globalThis.removeEventListener('beforeunload', ask)
  }, [slot, definition, saved, isUnsavedNow])
}

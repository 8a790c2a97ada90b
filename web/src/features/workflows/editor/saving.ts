/**
 * Saving and publishing: changes that another person saved meanwhile are merged; parts that both changed need a choice.
 */

import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Resource } from '../../../api/document'
import { Problem } from '../../../api/problem'
import { toast } from '../../../ui/toast'
import { same } from '../model/differences'
import type { Foreign } from './notices'
import type { Act, EditorState } from './state'
import { words } from './words'
import * as deeds from './workflow'

interface Saving {
  workflow: Resource<deeds.EditedAttributes>
  etag: string
  state: EditorState
  unsaved: boolean
  act: (act: Act) => void
  /** The name of a person. */
  called: (email: string | null) => string
}

export function useSaving({ workflow, etag, state, unsaved, act, called }: Saving) {
  const { attributes, id } = workflow
  const client = useQueryClient()
  const [conflict, setConflict] = useState<deeds.Conflict>()
  const [merged, setMerged] = useState<Foreign>()
  const [newer, setNewer] = useState<Foreign>()
  const [isBusy, setIsBusy] = useState(false)
  const definition = state.history.present

  const attempt = async <T>(deed: Promise<T>, failed: string): Promise<T | undefined> => {
    setIsBusy(true)
    try {
      return await deed
    } catch (problem) {
      const { message, requestId } = problem as Problem
      toast.failed(failed, { detail: [message, requestId].filter(Boolean).join(' · ') })
      return undefined
    } finally {
      setIsBusy(false)
    }
  }

  /** Saves, and returns the stored draft; `undefined` if both changed the same part. */
  const save = async (choices?: deeds.Choices): Promise<(deeds.Saved & { kind: 'saved' }) | undefined> => {
    const base = state.saved.definition
    const over = choices && conflict ? conflict.etag : state.saved.etag
    const draft = { definition, base, etag: over, ...(choices ? { choices } : {}) }
    const saved = await attempt(deeds.saveDraft(id, draft), words.cantSave)
    if (saved?.kind === 'conflict') setConflict(saved.conflict)
    if (saved?.kind !== 'saved') return undefined
    act({ do: 'merged', sent: definition, definition: saved.definition, etag: saved.etag })
    setConflict(undefined)
    setNewer(undefined)
    if (saved.merged && !same(definition, saved.definition)) {
      const { by, renamed } = saved.merged
      setMerged({ by, from: definition, to: saved.definition, renamed })
    }
    await deeds.askAnew(client)
    return saved
  }

  /** Shows the stored draft, and returns what it changed. */
  const takeStored = async (): Promise<Foreign> => {
    const fresh = await client.fetchQuery({ ...deeds.workflowQuery(id), staleTime: 0 })
    const stored = deeds.drawnOf(fresh.data.attributes)
    act({ do: 'take', definition: stored, etag: fresh.etag ?? '' })
    return { by: fresh.data.attributes.lastUpdater, from: state.saved.definition, to: stored, renamed: [] }
  }

  /** Publishes the shown draft. If another person saved meanwhile, shows that draft first and publishes nothing. */
  const publish = async (description: string): Promise<'published' | 'stopped' | Foreign> => {
    let current: EditorState['saved'] = state.saved
    if (unsaved || !attributes.hasDraft) {
      const saved = await save()
      if (!saved) return 'stopped'
      if (!same(saved.definition, definition)) {
        return { by: saved.merged?.by ?? attributes.lastUpdater, from: definition, to: saved.definition, renamed: [] }
      }
      current = saved
    }
    setIsBusy(true)
    try {
      const done = await deeds.publish(id, { description, etag: current.etag })
      act({ do: 'saved', definition: current.definition, etag: done.etag ?? current.etag })
      toast.done(words.published)
      await deeds.askAnew(client)
      return 'published'
    } catch (problem) {
      if (problem instanceof Problem && problem.kind === 'stale') return await takeStored()
      toast.failed(words.cantDo, { detail: (problem as Error).message })
      return 'stopped'
    } finally {
      setIsBusy(false)
    }
  }

  useSavedElsewhere({ attributes, etag, state, isIdle: !unsaved, act, called, setNewer })
  return {
    isBusy,
    attempt,
    save,
    publish,
    conflict,
    leaveConflict: () => setConflict(undefined),
    merged,
    leaveMerged: () => setMerged(undefined),
    newer: unsaved ? newer : undefined,
  }
}

interface Watched {
  attributes: deeds.EditedAttributes
  etag: string
  state: EditorState
  isIdle: boolean
  act: (act: Act) => void
  called: (email: string | null) => string
  setNewer: (newer: Foreign | undefined) => void
}

/** Shows a draft saved by another person if there are no unsaved changes that it would hide, and otherwise a notice. */
function useSavedElsewhere({ attributes, etag, state, isIdle, act, called, setNewer }: Watched) {
  const known = useRef(etag)
  useEffect(() => {
    if (known.current === etag) return
    known.current = etag
    if (state.saved.etag === etag) return
    const stored = deeds.drawnOf(attributes)
    const base = state.saved.definition
    if (same(stored, base)) {
      if (isIdle) act({ do: 'saved', definition: stored, etag })
      return
    }
    const by = attributes.lastUpdater
    if (isIdle) {
      act({ do: 'take', definition: stored, etag })
      toast.done(words.savedElsewhere(called(by)))
    } else {
      setNewer({ by, from: base, to: stored, renamed: [] })
    }
  }, [attributes, etag, state.saved, isIdle, act, called, setNewer])
}

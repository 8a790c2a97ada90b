/** The shared state of an open editor: the definition, how to change it, and the server's data. */

import { createContext, useContext } from 'react'
import type { Template } from '../../../forms/case-status'
import type { Definition, Place } from '../model/definition'
import type { EventType, StepType } from './catalogue'
import type { Problem } from './problems'
import type { Selected } from './state'

export interface Editor {
  definition: Definition
  selected: Selected | undefined
  stepTypes: StepType[]
  eventTypes: EventType[]
  templates: Template[]
  plan: string
  problems: Problem[]
  isReadOnly: boolean
  /** The step that was just added and is still open: its empty boxes are not marked as errors yet. */
  fresh: string | undefined
  edit: (definition: Definition, more?: { merging?: string; select?: Selected }) => void
  select: (selected: Selected | undefined) => void
  /** Removes a step, selects a near one, and offers Undo. */
  remove: (id: string) => void
}

export const EditorContext = createContext<Editor | undefined>(undefined)

export function useEditor(): Editor {
  const editor = useContext(EditorContext)
  if (!editor) throw new Error('there is no editor around this')
  return editor
}

/** The place of the open form, which determines the references that its values may use. */
export const PlaceContext = createContext<Place>({ list: null, index: 0 })

/** What every part of an open editor needs: the drawing, how to change it, and what the server knows. */

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
  /** The step that was added a moment ago and is still open: its empty boxes are not wrong yet. */
  fresh: string | undefined
  edit: (definition: Definition, more?: { merging?: string; select?: Selected }) => void
  select: (selected: Selected | undefined) => void
  /** Takes a step out, selects what is near, and offers to undo. */
  remove: (id: string) => void
}

export const EditorContext = createContext<Editor | undefined>(undefined)

export function useEditor(): Editor {
  const editor = useContext(EditorContext)
  if (!editor) throw new Error('there is no editor around this')
  return editor
}

/** Where values of the open form are written: the place decides what they may refer to. */
export const PlaceContext = createContext<Place>({ list: null, index: 0 })

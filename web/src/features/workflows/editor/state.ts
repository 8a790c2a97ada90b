/** The state of an open editor: the definition, the saved one, and the selection. */

import type { Definition, Place } from '../model/definition'
import { same } from '../model/differences'
import { begin, goOn, type History, redo, undo } from '../model/history'

export type Selected =
  | { kind: 'trigger' }
  | { kind: 'output' }
  | { kind: 'step'; id: string }
  | { kind: 'add'; place: Place }

export interface EditorState {
  history: History<Definition>
  /** The server's draft and its ETag. */
  saved: { definition: Definition; etag: string }
  selected: Selected | undefined
}

export type Act =
  | { do: 'edit'; definition: Definition; merging?: string; select?: Selected }
  | { do: 'select'; selected: Selected | undefined }
  | { do: 'undo' }
  | { do: 'redo' }
  | { do: 'saved'; definition: Definition; etag: string }
  | { do: 'take'; definition: Definition; etag: string }
  | { do: 'merged'; sent: Definition; definition: Definition; etag: string }

export function beginEditing(definition: Definition, etag: string, selected?: Selected): EditorState {
  return { history: begin(definition), saved: { definition, etag }, selected }
}

export function reduce(state: EditorState, act: Act): EditorState {
  switch (act.do) {
    case 'edit': {
      const history = goOn(state.history, act.definition, act.merging)
      return { ...state, history, selected: act.select ?? state.selected }
    }
    case 'select':
      return { ...state, selected: act.selected, history: { ...state.history, merging: undefined } }
    case 'undo':
      return { ...state, history: undo(state.history) }
    case 'redo':
      return { ...state, history: redo(state.history) }
    case 'saved':
      return { ...state, saved: { definition: act.definition, etag: act.etag } }
    case 'merged':
      // Changes made during the save are based on what was sent, so the next save merges them.
      return same(state.history.present, act.sent)
        ? reduce(state, { do: 'take', definition: act.definition, etag: act.etag })
        : { ...state, saved: { definition: act.sent, etag: act.etag } }
    case 'take':
      // The other person's save is shown; the changes made here are one undo step back.
      return {
        ...state,
        history: same(state.history.present, act.definition) ? state.history : goOn(state.history, act.definition),
        saved: { definition: act.definition, etag: act.etag },
      }
  }
}

/** Whether there are changes that the server does not have. */
export const isUnsaved = ({ history, saved }: EditorState) => !same(history.present, saved.definition)

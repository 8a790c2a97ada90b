/** The focus after a panel closes, and the selection by the key of a card. */

import { useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { type Definition, type Place, stepsOf } from '../model/definition'
import { OUTPUT, TRIGGER } from './canvas'
import type { Selected } from './state'

export function keyOf(selected: Selected | undefined): string | undefined {
  if (selected?.kind === 'step') return selected.id
  if (selected?.kind === 'trigger') return TRIGGER
  return selected?.kind === 'output' ? OUTPUT : undefined
}

export const selectedOf = (key: string): Selected =>
  key === TRIGGER ? { kind: 'trigger' } : key === OUTPUT ? { kind: 'output' } : { kind: 'step', id: key }

/** When a panel closes, the focus returns to its card. */
export function focusCard(selected: Selected | undefined, definition: Definition) {
  const before = selected?.kind === 'add' ? stepBefore(selected.place, definition) : keyOf(selected)
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>(`[data-card="${CSS.escape(before ?? TRIGGER)}"]`)?.focus(),
  )
}

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** Whether the workflow was just created, and this navigation opens it. */
    isMade?: boolean
  }
}

/** In a new workflow the trigger gets the focus, because the pressed button no longer exists. */
export function useFocusWhenMade(definition: Definition) {
  const isMade = useLocation({ select: ({ state }) => state.isMade === true })
  const made = useRef(isMade ? definition : undefined)
  useEffect(() => {
    if (made.current) focusCard({ kind: 'trigger' }, made.current)
    made.current = undefined
  }, [])
}

function stepBefore({ list, index }: Place, definition: Definition): string {
  const here = Array.from(stepsOf(definition)).find(
    ({ place }) => JSON.stringify(place.list) === JSON.stringify(list) && place.index === index - 1,
  )
  return here?.step.id ?? list?.step ?? TRIGGER
}

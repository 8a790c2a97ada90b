/** The keys of the editor. */

import { useKeys } from '../../../ui/keys'
import { type Definition, find, type Place } from '../model/definition'
import type { Deeds } from './head'
import type { Selected } from './state'
import { words } from './words'

interface EditorKeys {
  deeds: Deeds
  isReadOnly: boolean
  selected: Selected | undefined
  definition: Definition
  add: (place: Place) => void
  remove: (id: string) => void
}

export function useEditorKeys({ deeds, isReadOnly, selected, definition, add, remove }: EditorKeys) {
  const focused = () => (document.activeElement as HTMLElement | null)?.dataset.card
  const here = () => find(definition, focused() ?? (selected?.kind === 'step' ? selected.id : ''))?.place
  const after = (): Place => {
    const place = here()
    return place ? { ...place, index: place.index + 1 } : { list: null, index: 0 }
  }
  const always = [{ keys: 'alt+o', label: words.keys.outline, scope: 'here' as const, run: deeds.outline }]
  const editing = [
    { keys: 'mod+s', label: words.keys.save, whileTyping: true, scope: 'here' as const, run: deeds.save },
    {
      keys: 'mod+shift+enter',
      label: words.keys.publish,
      whileTyping: true,
      scope: 'here' as const,
      run: deeds.publish,
    },
    { keys: 'mod+z', label: words.keys.undo, scope: 'here' as const, run: deeds.undo },
    { keys: 'mod+shift+z', label: words.keys.redo, scope: 'here' as const, run: deeds.redo },
    { keys: 'a', label: words.keys.add, scope: 'here' as const, run: () => add(after()) },
    {
      keys: 'delete',
      label: words.keys.remove,
      scope: 'here' as const,
      run: () => {
        const id = focused()
        if (id && !id.startsWith('#')) remove(id)
      },
    },
  ]
  useKeys(isReadOnly ? always : [...always, ...editing])
}

import { type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react'

/** Something the command palette offers. A screen adds its own as long as it is there. */
export interface Command {
  id: string
  label: string
  group: string
  icon?: ReactNode
  keys?: string
  synonyms?: string[]
  run: () => void
}

let commands: readonly Command[] = []
const listeners = new Set<() => void>()

function change(next: readonly Command[]) {
  commands = next
  for (const tell of listeners) tell()
}

/** Offers commands in the palette as long as the component is there. */
export function useCommands(own: Command[]) {
  const latest = useRef(own)
  latest.current = own
  const shape = own.map((command) => `${command.id} ${command.label}`).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: commands are the same as long as their ids and labels are
  useEffect(() => {
    const mine = latest.current.map((command, index) => ({ ...command, run: () => latest.current[index]?.run() }))
    change([...commands, ...mine])
    return () => change(commands.filter((command) => !mine.includes(command)))
  }, [shape])
}

/** All that the palette offers now, the screen's own first. */
export function useAllCommands(): readonly Command[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    () => commands,
  )
}

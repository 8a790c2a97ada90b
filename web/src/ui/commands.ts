import { type ReactNode, useEffect, useRef, useSyncExternalStore } from 'react'

/** An entry of the command palette. A screen adds its own while it is mounted. */
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

/** Adds commands to the palette while the component is mounted. */
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

/** All current commands of the palette, the screen's own first. */
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

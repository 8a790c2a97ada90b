import { useConnection } from '../api/connection'
import { words } from './words'

/** Why nothing can be decided just now, where that is the connection. */
export function useConnectionNote(): string | undefined {
  const connection = useConnection()
  return connection === 'online' ? undefined : words.cantSend[connection]
}

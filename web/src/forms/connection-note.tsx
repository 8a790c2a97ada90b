import { useConnection } from '../api/connection'
import { words } from './words'

/** The reason why no change can be sent now, if it is the connection. */
export function useConnectionNote(): string | undefined {
  const connection = useConnection()
  return connection === 'online' ? undefined : words.cantSend[connection]
}

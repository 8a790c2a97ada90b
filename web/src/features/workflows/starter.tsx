import { PersonName } from '../../forms/people'
import { words } from './words'

interface StarterOf {
  type: string | null
  id: string | null
  shownAs: string | null
}

/** The creator of a run: a person by name. */
export function Starter({ of: { type, id, shownAs } }: { of: StarterOf }) {
  if (type === 'user') return <PersonName id={id} email={shownAs} />
  if (type === 'api-key' && shownAs) {
    return (
      <>
        {words.apiKeyOf} <PersonName email={shownAs} />
      </>
    )
  }
  return <>{words.creators[type ?? ''] ?? words.somebody}</>
}

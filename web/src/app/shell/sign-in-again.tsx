import { useQueryClient } from '@tanstack/react-query'
import { root } from '../../api/client'
import { type Session, sessionQuery, useSession } from '../../api/session'
import { SignInForm } from '../../features/access/sign-in-form'
import { Dialog } from '../../ui/dialog'
import { words } from '../words'

/** Asks for the password over the screen when the session has ended, so that nothing typed is lost. */
export function SignInAgain({ onSignedIn }: { onSignedIn: () => void }) {
  const client = useQueryClient()
  const before = useSession()

  const goOn = (session: Session) => {
    const isTheSame = session.user.id === before.user.id && session.environment === before.environment
    // Another user must not see the open screen.
    if (!isTheSame) return window.location.assign(root)
    client.setQueryData(sessionQuery.queryKey, session)
    onSignedIn()
    client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
  }

  return (
    <Dialog isOpen title={words.signedOutTitle} description={words.signedOutHint}>
      <SignInForm email={before.user.email} environment={before.environment} onSignedIn={goOn} />
    </Dialog>
  )
}

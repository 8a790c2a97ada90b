import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { root } from '../../api/client'
import { sessionQuery } from '../../api/session'
import { Door } from './door'
import { SignInForm } from './sign-in-form'
import { words } from './words'

/** The sign-in screen; it leads back to the screen that was requested. */
export function SignIn() {
  const client = useQueryClient()
  const router = useRouter()
  const navigate = useNavigate()
  const { to } = useSearch({ from: '/sign-in' })
  return (
    <Door title={words.signInTitle}>
      <SignInForm
        onSignedIn={(session) => {
          client.setQueryData(sessionQuery.queryKey, session)
          // An address in a phishing link can't lead to another site.
          if (to?.startsWith(root.pathname)) router.history.push(to)
          else navigate({ to: '/' })
        }}
      />
    </Door>
  )
}

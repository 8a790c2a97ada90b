import { Link } from '@tanstack/react-router'
import { buttonClasses } from '../ui/button'
import { Page } from '../ui/page'
import { Empty } from '../ui/states'
import { words } from '../ui/words'

/** The screen for an unknown address. */
export function NotFound() {
  return (
    <Page title={words.state.notFound}>
      <Empty
        title={words.state.notFound}
        hint={words.state.notFoundHint}
        action={
          <Link to="/" className={buttonClasses()}>
            {words.state.home}
          </Link>
        }
      />
    </Page>
  )
}

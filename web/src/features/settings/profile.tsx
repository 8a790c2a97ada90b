import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function Profile() {
  return (
    <Page title={words.profile}>
      <Empty title={words.profile} hint={words.soon} />
    </Page>
  )
}

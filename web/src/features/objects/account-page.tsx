import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function AccountPage() {
  return (
    <Page title={words.account}>
      <Empty title={words.account} hint={words.soon} />
    </Page>
  )
}

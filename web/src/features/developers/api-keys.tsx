import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function ApiKeys() {
  return (
    <Page title={words.apiKeys}>
      <Empty title={words.apiKeys} hint={words.soon} />
    </Page>
  )
}

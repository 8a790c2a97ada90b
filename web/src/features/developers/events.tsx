import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function Events() {
  return (
    <Page title={words.events}>
      <Empty title={words.events} hint={words.soon} />
    </Page>
  )
}

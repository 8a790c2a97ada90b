import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function People() {
  return (
    <Page title={words.people}>
      <Empty title={words.people} hint={words.soon} />
    </Page>
  )
}

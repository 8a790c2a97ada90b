import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function Sources() {
  return (
    <Page title={words.sources}>
      <Empty title={words.sources} hint={words.soon} />
    </Page>
  )
}

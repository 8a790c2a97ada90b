import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function OpenApi() {
  return (
    <Page title={words.openapi}>
      <Empty title={words.openapi} hint={words.soon} />
    </Page>
  )
}

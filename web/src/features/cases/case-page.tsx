import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function CasePage() {
  return (
    <Page title={words.case}>
      <Empty title={words.case} hint={words.soon} />
    </Page>
  )
}

import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function AllCases() {
  return (
    <Page title={words.allCases}>
      <Empty title={words.allCases} hint={words.soon} />
    </Page>
  )
}

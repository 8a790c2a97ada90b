import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function Inquiries() {
  return (
    <Page title={words.inquiries}>
      <Empty title={words.inquiries} hint={words.soon} />
    </Page>
  )
}

import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function InquiryPage() {
  return (
    <Page title={words.inquiry}>
      <Empty title={words.inquiry} hint={words.soon} />
    </Page>
  )
}

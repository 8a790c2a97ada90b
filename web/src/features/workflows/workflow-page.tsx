import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function WorkflowPage() {
  return (
    <Page title={words.workflow}>
      <Empty title={words.workflow} hint={words.soon} />
    </Page>
  )
}

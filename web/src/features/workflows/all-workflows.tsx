import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function AllWorkflows() {
  return (
    <Page title={words.allWorkflows}>
      <Empty title={words.allWorkflows} hint={words.soon} />
    </Page>
  )
}

import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function RunPage() {
  return (
    <Page title={words.run}>
      <Empty title={words.run} hint={words.soon} />
    </Page>
  )
}

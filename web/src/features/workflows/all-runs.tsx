import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function AllRuns() {
  return (
    <Page title={words.runs}>
      <Empty title={words.runs} hint={words.soon} />
    </Page>
  )
}

import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function OrganizationSettings() {
  return (
    <Page title={words.organization}>
      <Empty title={words.organization} hint={words.soon} />
    </Page>
  )
}

import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function CaseTemplates() {
  return (
    <Page title={words.caseTemplates}>
      <Empty title={words.caseTemplates} hint={words.soon} />
    </Page>
  )
}

import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { words } from './words'

export function CaseTemplatePage() {
  return (
    <Page title={words.caseTemplate}>
      <Empty title={words.caseTemplate} hint={words.soon} />
    </Page>
  )
}

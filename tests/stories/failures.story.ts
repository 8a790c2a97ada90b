import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor
let page: Page
let caseId: string
let caseName: string

beforeAll(async () => {
  const statuses = [
    { name: 'Fresh', type: 'initial' },
    { name: 'Done', type: 'end' },
  ]
  const { data: template } = await here.docket.api('POST', '/case-templates', {
    data: { attributes: { name: 'Failing', key: 'FAIL', statuses } },
  })
  // No status has a case's name, so the step fails in every run.
  const step = { id: 'move', name: 'Escalate it', do: 'case.update_status' }
  const definition = {
    trigger: {
      on: ['case.created'],
      where: { all: [{ field: 'trigger.template.id', is: 'equals', value: template.id }] },
    },
    steps: [{ ...step, with: { case: { ref: 'trigger' }, status: { ref: 'trigger.name' } } }],
  }
  const { data: workflow } = await here.docket.api('POST', '/workflows', {
    data: { attributes: { name: 'Escalate failures', definition } },
  })
  await here.docket.api('POST', `/workflows/${workflow.id}/publish`, {})
  const { data } = await here.docket.api('POST', '/cases', { data: { attributes: { caseTemplateId: template.id } } })
  caseId = data.id
  caseName = data.attributes.name
})

beforeEach(async () => {
  visitor = await here.visit()
  page = visitor.page
})

test('a failed step is on the timeline of its case, with the reason and a link to its run', async () => {
  await signIn(visitor, here.docket, `/cases/${caseId}`)
  const timeline = page.getByRole('region', { name: 'Timeline' })
  const failed = timeline.getByRole('listitem').filter({ hasText: 'failed at the step Escalate it' })

  await failed.getByText('Escalate failures').waitFor()
  await failed.getByText(`Status '${caseName}' is not one of`).waitFor()
  await failed.getByRole('link', { name: 'See the run' }).click()

  await page.getByRole('heading', { level: 1, name: 'Run of Escalate failures' }).waitFor()
  await page.getByRole('complementary', { name: 'Escalate it' }).waitFor()
  expectNoTroubles(visitor)
})

test('the list of runs shows the object of each and why it failed', async () => {
  await signIn(visitor, here.docket, '/runs?status=errored')
  const run = page.getByRole('row').filter({ hasText: 'Escalate failures' })

  await run.getByText(`Status '${caseName}' is not one of`).waitFor()
  expect(await run.getByTitle(/^Escalate it: /).count()).toBe(1)
  await run.getByRole('link', { name: caseName, exact: true }).click()

  await page.getByRole('heading', { level: 1, name: caseName }).waitFor()
  expectNoTroubles(visitor)
})

test('a dismissed failed run is hidden on Home, stays hidden, and is restored by Undo', async () => {
  await signIn(visitor, here.docket)
  const failures = page.getByRole('region', { name: 'Failed runs' })
  const line = failures.getByRole('listitem').filter({ hasText: 'Escalate failures' })
  const hide = () => failures.getByRole('button', { name: 'Hide the failed run of Escalate failures' }).click()
  await hide()
  await line.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await line.waitFor()
  await hide()
  await line.waitFor({ state: 'detached' })

  await page.reload()

  await failures.getByRole('listitem').first().waitFor()
  expect(await line.count()).toBe(0)
  expectNoTroubles(visitor)
})

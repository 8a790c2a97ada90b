import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { picture } from './harness/picture'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor
let page: Page

beforeEach(async () => {
  visitor = await here.visit()
  page = visitor.page
  await signIn(visitor, here.docket)
})

const link = (name: string) => page.getByRole('link', { name, exact: true })
const button = (name: string | RegExp) =>
  page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
const box = (name: string) => page.getByRole('combobox', { name, exact: true })
const option = (name: string | RegExp) => page.getByRole('option', { name }).first()
const settled = () => page.getByRole('status', { name: 'Loading…' }).first().waitFor({ state: 'detached' })

// README.md and docs/guide/getting-started.md, and their pictures.
test('the tour of the dashboard in the README works as described', async () => {
  await page.getByRole('region', { name: 'Latest changes' }).getByRole('listitem').first().waitFor()
  await picture(page, 'home')

  await link('Cases').click()
  await page.getByRole('heading', { level: 1, name: 'All Cases' }).waitFor()
  await page.getByRole('combobox', { name: 'Template' }).selectOption({ label: 'Onboarding' })
  await page.getByRole('combobox', { name: 'Status' }).selectOption({ label: 'Pending' })
  await page.getByRole('table', { name: 'All Cases' }).getByRole('link').first().waitFor()
  await picture(page, 'all-cases')

  await page.getByRole('table', { name: 'All Cases' }).getByRole('link').first().click()
  await page.getByRole('region', { name: 'Timeline' }).getByText('Review matches').first().waitFor()
  await settled()
  await picture(page, 'case')

  await link('See the run').first().click()
  await page.getByRole('heading', { level: 1, name: /^Run of Review matches/ }).waitFor()
  await settled()
  await page
    .getByRole('complementary')
    .getByRole('link', { name: /^View / })
    .waitFor()
  await picture(page, 'run')

  await link('Go to workflow').click()
  await page.getByRole('heading', { level: 1, name: 'Review matches' }).waitFor()
  await page.getByRole('group', { name: 'Steps of the workflow' }).getByRole('button').first().waitFor()
  await picture(page, 'editor')
  expectNoTroubles(visitor)
})

// docs/guide/update-case-status.md, sentence by sentence, and its pictures.
test('the guide to Update Case Status ends with a live workflow that sets the status', async () => {
  await link('Workflows').click()
  await link('All Workflows').click()
  await page.getByRole('table').getByRole('link').first().waitFor()
  await picture(page, 'all-workflows', 480)
  await button('Create').click()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Park new cases')
  await box('Trigger event').click()
  await option(/Case created/i).click()
  await picture(page, 'create-workflow')
  await button('Continue').click()
  const circle = button(/^\+ Add the first step/)
  await circle.hover()
  await picture(page, 'add-step', 380)
  await circle.click()
  await button(/^Action/).click()
  await box('Find Action').click()
  await page.getByRole('treeitem', { name: 'Case', exact: true }).click()
  await picture(page, 'find-action')
  await page.getByRole('treeitem', { name: 'Update Case Status' }).click()
  await box('Case').click()
  await option(/Trigger/).click()
  await box('Status').click()
  await option('Pending').waitFor()
  await picture(page, 'choose-status')
  await option('Pending').click()
  await page.getByText('Advanced Configuration').click()
  await page.getByRole('checkbox', { name: 'Continue on error' }).click()
  await picture(page, 'continue-on-error')
  await button('Close').last().click()
  await button('Save').click()
  await page.getByText('Saved', { exact: true }).waitFor()
  await button('Publish').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).waitFor()
  await picture(page, 'publish')
  await page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).click()
  await button('Run now').click()
  const dialog = page.getByRole('dialog', { name: 'Run now' })
  await dialog.getByRole('combobox').click()
  await option(/KYC-/).click()
  await dialog.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByText('Done', { exact: true }).first().waitFor()
  await page.getByRole('button', { name: /^Update Case Status/ }).click()
  await page
    .getByRole('complementary')
    .getByRole('link', { name: /^View KYC-/ })
    .click()

  await page.getByRole('region', { name: 'Timeline' }).getByText('Park new cases').first().waitFor()
  const caseId = /case_[a-z0-9]+/.exec(page.url())?.[0]
  expect((await here.docket.api('GET', `/cases/${caseId}`)).data.attributes.status).toBe('Pending')
  await picture(page, 'status-set')
  expectNoTroubles(visitor)
})

import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor
let page: Page
let templateId: string

const STATUSES = [
  { name: 'New', type: 'initial', allowedNext: ['Looking', 'Ended'] },
  { name: 'Looking', type: 'intermediate' },
  { name: 'Stuck', type: 'intermediate' },
  { name: 'Ended', type: 'end' },
]

let made = 0

beforeEach(async () => {
  made += 1
  const attributes = { name: `Kind ${made}`, statuses: STATUSES }
  templateId = (await here.docket.api('POST', '/case-templates', { data: { attributes } })).data.id
  visitor = await here.visit({ expects: [412, 422] })
  page = visitor.page
  await signIn(visitor, here.docket, `/cases/templates/${templateId}`)
})

const button = (name: string) => page.getByRole('button', { name, exact: true })
const row = (name: string) =>
  page
    .getByRole('region', { name: 'Statuses' })
    .getByRole('listitem')
    .filter({ has: button(`Remove ${name}`) })
const saved = () => page.getByText('Saved. Cases and workflows now use the new statuses.').waitFor()

type Status = {
  id: string
  attributes: { name: string; type: string; color: string | null; allowedNext: string[] | null }
}

async function statuses(): Promise<Status[]> {
  return (await here.docket.api('GET', `/case-templates/${templateId}/statuses`)).data
}

async function openCase(status?: string): Promise<string> {
  const { data } = await here.docket.api('POST', '/cases', { data: { attributes: { caseTemplateId: templateId } } })
  if (status) await here.docket.api('POST', `/cases/${data.id}/set-status`, { meta: { status } })
  return data.id
}

test('a status is added, renamed, colored, typed and moved, and everything is saved at once', async () => {
  await button('Add a status').click()
  await row('New status').getByRole('textbox', { name: 'Name' }).fill('Shelved')
  await row('Shelved').getByRole('combobox', { name: 'Type' }).selectOption({ label: 'End: resolves the case' })
  await row('Shelved').getByRole('combobox', { name: 'Color' }).selectOption({ label: 'Purple' })
  await row('Looking').getByRole('textbox', { name: 'Name' }).fill('Under review')
  await button('Move Under review down').click()
  expect((await statuses()).length, 'nothing is saved yet').toBe(STATUSES.length)

  await button('Save').click()
  await saved()

  const now = await statuses()
  expect(now.map(({ attributes }) => attributes.name)).toEqual(['New', 'Stuck', 'Under review', 'Shelved', 'Ended'])
  expect(now[3]?.attributes).toMatchObject({ type: 'end', color: '#7c3aed' })
  expectNoTroubles(visitor)
})

test('the allowed next statuses, including a new one, are checked and apply to the case', async () => {
  await button('Add a status').click()
  await row('New status').getByRole('textbox', { name: 'Name' }).fill('Shelved')
  await button('Looking can change to any status').click()
  for (const name of ['New', 'Ended']) await page.getByRole('menuitemcheckbox', { name, exact: true }).click()
  await page.keyboard.press('Escape')
  await button('Looking can change to Stuck, Shelved').waitFor()
  await button('Save').click()
  await saved()

  const now = await statuses()
  const idOf = (name: string) => now.find(({ attributes }) => attributes.name === name)?.id
  expect(now[1]?.attributes.allowedNext).toEqual([idOf('Stuck'), idOf('Shelved')])
  await page.goto(`${here.docket.url}/cases/${await openCase('Looking')}`)
  const decide = page.getByRole('region', { name: 'Status' })
  await decide.getByRole('button', { name: 'Set to Shelved' }).waitFor()
  expect(await decide.getByRole('button', { name: 'Set to Ended' }).count()).toBe(0)
  expectNoTroubles(visitor)
})

test('a case shows the new name of its status', async () => {
  const caseId = await openCase('Looking')

  await row('Looking').getByRole('textbox', { name: 'Name' }).fill('Under review')
  await button('Save').click()
  await saved()

  const { data } = await here.docket.api('GET', `/cases/${caseId}`)
  expect(data.attributes.status).toBe('Under review')
})

test('a status with cases is removed only with a successor, which the cases get', async () => {
  const caseId = await openCase('Looking')

  await button('Remove Looking').click()
  await button('Save').click()
  const refused = page.getByRole('alert').filter({ hasText: 'Cases or live workflows use Looking' })
  await refused.getByText('Choose the status that replaces it below.').waitFor()
  await row('Looking').getByText('Choose a status for its cases.').waitFor()
  expect((await statuses()).length, 'nothing was removed').toBe(STATUSES.length)
  await page.getByRole('combobox', { name: /What happens to cases that are Looking/ }).selectOption({ label: 'Stuck' })
  await button('Save').click()
  await saved()

  const { data } = await here.docket.api('GET', `/cases/${caseId}`)
  expect(data.attributes.status).toBe('Stuck')
  const now = await statuses()
  expect(now.map(({ attributes }) => attributes.name)).toEqual(['New', 'Stuck', 'Ended'])
  // Its successor replaces it among the statuses that may follow.
  expect(now[0]?.attributes.allowedNext).toEqual([now[1]?.id, now[2]?.id])
  await page.goto(`${here.docket.url}/cases/${caseId}`)
  await page.getByText('set the status from Looking to Stuck').waitFor()
  expectNoTroubles(visitor)
})

test('an invalid change is reported at its place, and nothing typed is lost', async () => {
  await row('Stuck').getByRole('textbox', { name: 'Name' }).fill('looking')

  await button('Save').click()

  await page
    .getByRole('alert')
    .getByText(/the names of the statuses 'looking' and/i)
    .waitFor()
  expect(await row('looking').getByRole('textbox', { name: 'Name' }).inputValue()).toBe('looking')
})

test('the name of a new status has the focus', async () => {
  await button('Add a status').focus()
  await page.keyboard.press('Enter')

  await page.keyboard.type('Sent to a judge')

  await row('Sent to a judge').waitFor()
  expect(await page.getByRole('region', { name: 'Statuses' }).getByRole('listitem').count()).toBe(STATUSES.length + 1)
})

test('unsaved changes are restored on return, until they are discarded', async () => {
  const name = () => row('Stuck').getByRole('textbox', { name: 'Name' })
  await row('Looking').getByRole('textbox', { name: 'Name' }).fill('Under review')
  await visitor.goTo('/cases')
  await visitor.goTo(`/cases/templates/${templateId}`)

  await row('Under review').waitFor()
  await page.getByText('Unsaved changes').waitFor()
  await button('Discard').click()

  await row('Looking').waitFor()
  expect(await page.getByText('Unsaved changes').count()).toBe(0)
  await page.reload()
  await name().waitFor()
  expect(await row('Under review').count(), 'nothing of it is kept').toBe(0)
  expectNoTroubles(visitor)
})

test('changes started before another person’s save do not overwrite it', async () => {
  await row('Looking').getByRole('textbox', { name: 'Name' }).fill('Under review')
  await visitor.goTo('/cases')
  const theirs = (await statuses()).map(({ id, attributes: { name, type } }) => ({ id, name, type }))
  const attributes = {
    statuses: theirs.map((status) => (status.name === 'Stuck' ? { ...status, name: 'Held' } : status)),
  }
  await here.docket.api('PATCH', `/case-templates/${templateId}`, { data: { attributes } })
  await visitor.goTo(`/cases/templates/${templateId}`)

  await row('Under review').waitFor()
  const changed = page.getByRole('alert').filter({ hasText: 'Discard your changes to see the current version' })
  await changed.getByText('changed the case template').waitFor()
  expect(await button('Save').isDisabled()).toBe(true)
  await page.keyboard.press('Control+s')
  expect((await statuses()).map(({ attributes }) => attributes.name)).toEqual(['New', 'Looking', 'Held', 'Ended'])
  await button('Discard').click()
  await row('Held').waitFor()
  await row('Looking').waitFor()
  expectNoTroubles(visitor)
})

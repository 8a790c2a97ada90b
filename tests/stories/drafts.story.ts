import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor
let page: Page
let workflowId: string

const STEP = 'move'

/** A workflow of one step, called so. */
const drawn = (name: string) => ({
  trigger: { on: ['case.created'] },
  steps: [{ id: STEP, name, do: 'case.update_status', with: { case: { ref: 'trigger' }, status: 'Pending' } }],
})

beforeEach(async () => {
  const attributes = { name: 'Move them along', definition: drawn('As it was') }
  workflowId = (await here.docket.api('POST', '/workflows', { data: { attributes } })).data.id
  await here.docket.api('POST', `/workflows/${workflowId}/publish`, {})
  visitor = await here.visit({ expects: [412] })
  page = visitor.page
  page.on('dialog', (dialog) => dialog.accept())
  await signIn(visitor, here.docket, `/workflows/${workflowId}?step=${STEP}`)
})

const button = (name: string) => page.getByRole('button', { name, exact: true })
const nameBox = () => page.getByRole('region', { name: 'Step Type' }).getByRole('textbox', { name: 'Name' })
const staleDialog = () => page.getByRole('dialog', { name: 'Somebody else saved this draft meanwhile' })
const found = () => page.getByRole('alert').filter({ hasText: 'Changes you did not save are still here' })
const card = (name: string) =>
  page.getByRole('group', { name: 'Steps of the workflow' }).getByRole('button', { name: new RegExp(`^${name}`) })

function saveElsewhere(name: string) {
  const body = { data: { attributes: { definition: drawn(name) } } }
  return here.docket.api('PUT', `/workflows/${workflowId}/draft`, body, { 'if-match': '*' })
}

/** What the server has as the draft's one step. */
async function savedName(): Promise<string> {
  const { data } = await here.docket.api('GET', `/workflows/${workflowId}`)
  return data.attributes.draftDefinition.steps[0].name
}

/** Draws, and saves when somebody else has saved just before. */
async function saveSecond() {
  await nameBox().fill('As I want it')
  await page.route(
    `**/workflows/${workflowId}/draft`,
    async (route) => {
      await saveElsewhere('As they want it')
      await route.continue()
    },
    { times: 1 },
  )
  await button('Save').click()
  await staleDialog().waitFor()
}

describe('a save that came second', () => {
  beforeEach(saveSecond)

  test('shows both changes in words, and has saved nothing', async () => {
    const theirs = staleDialog().getByRole('region', { name: 'Theirs' })
    const yours = staleDialog().getByRole('region', { name: 'Yours' })

    await theirs.getByText('As it was is now called As they want it').waitFor()
    await yours.getByText('As it was is now called As I want it').waitFor()
    await staleDialog().getByText(' saved it. Nothing is lost').waitFor()
    expect(await savedName()).toBe('As they want it')
    expectNoTroubles(visitor)
  })

  test('lets go: what was drawn stays drawn and unsaved', async () => {
    await page.keyboard.press('Escape')

    await staleDialog().waitFor({ state: 'detached' })
    expect(await nameBox().inputValue()).toBe('As I want it')
    await page.getByText('Unsaved changes').waitFor()
    expect(await savedName()).toBe('As they want it')
  })

  test('takes theirs, and one step back brings mine', async () => {
    await staleDialog().getByRole('button', { name: 'Take theirs' }).click()

    await card('As they want it').waitFor()
    expect(await button('Save').isDisabled(), 'nothing to save').toBe(true)
    await button('Undo').click()
    await card('As I want it').waitFor()
    await button('Save').click()
    await page.getByText('Saved', { exact: true }).waitFor()
    expect(await savedName()).toBe('As I want it')
    expectNoTroubles(visitor)
  })

  test('takes theirs beside a live version, and says that it is a draft', async () => {
    await staleDialog().getByRole('button', { name: 'Take theirs' }).click()

    await card('As they want it').waitFor()
    await page.getByText('Version: Draft').waitFor()
    expect(await button('Save').isDisabled(), 'nothing to save').toBe(true)
  })

  test('saves mine over theirs', async () => {
    await staleDialog().getByRole('button', { name: 'Save yours over theirs' }).click()

    await page.getByText('Saved', { exact: true }).waitFor()
    await staleDialog().waitFor({ state: 'detached' })
    expect(await savedName()).toBe('As I want it')
    expectNoTroubles(visitor)
  })

  test('asks again where they saved once more before mine', async () => {
    await saveElsewhere('As they want it now')

    await staleDialog().getByRole('button', { name: 'Save yours over theirs' }).click()

    await staleDialog().getByText('As it was is now called As they want it now').waitFor()
    expect(await savedName()).toBe('As they want it now')
  })
})

describe('work that was not saved', () => {
  /** Draws something, and waits until the browser has it. */
  async function drawUnsaved() {
    await nameBox().fill('Not saved yet')
    await page.getByText('Unsaved changes').waitFor()
  }

  async function comeBack() {
    page = await visitor.context.newPage()
    await page.goto(`${here.docket.url}/workflows/${workflowId}`)
    await found().waitFor()
  }

  test('is offered again after a crash, and can be saved then', async () => {
    await drawUnsaved()
    await page.close({ runBeforeUnload: false })

    await comeBack()
    await found().getByRole('button', { name: 'Restore' }).click()
    await card('Not saved yet').waitFor()
    await button('Save').click()
    await page.getByText('Saved', { exact: true }).waitFor()

    expect(await savedName()).toBe('Not saved yet')
    expectNoTroubles(visitor)
  })

  test('is offered again after a sign-out', async () => {
    await drawUnsaved()
    await page.getByRole('button', { name: /Account and appearance/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to Docket' }).waitFor()

    await signIn(visitor, here.docket, `/workflows/${workflowId}`)

    await found().getByRole('button', { name: 'Restore' }).click()
    await card('Not saved yet').waitFor()
    expectNoTroubles(visitor)
  })

  test('goes where it is thrown away', async () => {
    await drawUnsaved()
    await page.close({ runBeforeUnload: false })
    await comeBack()

    await found().getByRole('button', { name: 'Discard' }).click()
    await found().waitFor({ state: 'detached' })
    await page.reload()

    await card('As it was').waitFor()
    expect(await found().count()).toBe(0)
  })

  test('shows what both changed, where somebody else saved before it came back', async () => {
    await drawUnsaved()
    await page.close({ runBeforeUnload: false })
    await saveElsewhere('As they want it')

    await comeBack()
    await found().getByRole('button', { name: 'Restore' }).click()
    await button('Save').click()

    await staleDialog()
      .getByRole('region', { name: 'Theirs' })
      .getByText('As it was is now called As they want it')
      .waitFor()
    await staleDialog()
      .getByRole('region', { name: 'Yours' })
      .getByText('As it was is now called Not saved yet')
      .waitFor()
    expect(await savedName()).toBe('As they want it')
  })

  test('is kept while it is offered, whatever is drawn meanwhile', async () => {
    await drawUnsaved()
    await page.close({ runBeforeUnload: false })
    await comeBack()
    await card('As it was').click()
    await nameBox().fill('Something else')
    await page.getByText('Unsaved changes').waitFor()
    await page.close({ runBeforeUnload: false })

    await comeBack()
    await found().getByRole('button', { name: 'Restore' }).click()

    await card('Not saved yet').waitFor()
  })
})

test('a draft that was saved elsewhere is shown to whoever comes back to the tab, where nothing was drawn', async () => {
  await nameBox().waitFor()
  await saveElsewhere('As they want it')

  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))

  await card('As they want it').waitFor()
  await button('Undo').click()
  await card('As it was').waitFor()
  expectNoTroubles(visitor)
})

test('what somebody else does with the workflow as a whole is in the way of no save', async () => {
  await nameBox().fill('As I want it')
  await here.docket.api('PATCH', `/workflows/${workflowId}`, { data: { attributes: { name: 'Called otherwise' } } })

  await button('Save').click()

  await page.getByText('Saved', { exact: true }).waitFor()
  expect(await savedName()).toBe('As I want it')
})

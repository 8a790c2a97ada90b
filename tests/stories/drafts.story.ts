import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor
let page: Page
let workflowId: string

const STEP = 'move'

/** A workflow of one step with this name. */
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
const staleDialog = () => page.getByRole('dialog', { name: /changed the same parts$/ })
const found = () => page.getByRole('alert').filter({ hasText: 'You have unsaved changes from' })
const card = (name: string) =>
  page.getByRole('group', { name: 'Steps of the workflow' }).getByRole('button', { name: new RegExp(`^${name}`) })

function saveElsewhere(name: string) {
  const body = { data: { attributes: { definition: drawn(name) } } }
  return here.docket.api('PUT', `/workflows/${workflowId}/draft`, body, { 'if-match': '*' })
}

/** The name of the one step in the server's draft. */
async function savedName(): Promise<string> {
  const { data } = await here.docket.api('GET', `/workflows/${workflowId}`)
  return data.attributes.draftDefinition.steps[0].name
}

/** Changes the workflow, and saves just after another person has saved. */
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

  test('shows both versions of the step, side by side, and has saved nothing', async () => {
    const part = staleDialog().getByRole('region', { name: 'As I want it', exact: true })

    await part
      .getByRole('region', { name: /^Theirs/ })
      .getByText('As it was is now called As they want it')
      .waitFor()
    await part.getByRole('region', { name: 'Yours' }).getByText('As it was is now called As I want it').waitFor()
    expect(await staleDialog().getByRole('button', { name: 'Save' }).isDisabled(), 'nothing is chosen').toBe(true)
    expect(await savedName()).toBe('As they want it')
    expectNoTroubles(visitor)
  })

  test('can be closed: the changes stay in the editor, unsaved', async () => {
    await page.keyboard.press('Escape')

    await staleDialog().waitFor({ state: 'detached' })
    expect(await nameBox().inputValue()).toBe('As I want it')
    await page.getByText('Unsaved changes').waitFor()
    expect(await savedName()).toBe('As they want it')
  })

  test('uses theirs, and one undo step restores mine', async () => {
    await choose('Use theirs')

    await card('As they want it').waitFor()
    expect(await button('Save').isDisabled(), 'nothing to save').toBe(true)
    await button('Undo').click()
    await card('As I want it').waitFor()
    await button('Save').click()
    await page.getByText('Saved', { exact: true }).first().waitFor()
    await expect.poll(savedName).toBe('As I want it')
    expectNoTroubles(visitor)
  })

  test('uses mine, and theirs can be restored from the draft saves', async () => {
    await choose('Use mine')

    await page.getByText('Saved', { exact: true }).waitFor()
    expect(await savedName()).toBe('As I want it')
    await button('More').click()
    await page.getByRole('menuitem', { name: 'Version history' }).click()
    const history = page.getByRole('dialog', { name: 'Version history' })
    await history.getByRole('tab', { name: 'Draft saves' }).click()
    const lines = history.getByRole('listitem')
    await lines.filter({ hasText: 'Before the merge' }).first().waitFor()
    // Newest first: mine, merged, then theirs.
    await lines
      .filter({ hasText: /^Saved/ })
      .first()
      .getByRole('button', { name: 'Restore' })
      .click()
    await card('As they want it').waitFor()
    await page.getByText('Unsaved changes').waitFor()
    expectNoTroubles(visitor)
  })

  test('asks again if they saved once more before the choice', async () => {
    await saveElsewhere('As they want it now')

    await choose('Use mine')

    await staleDialog().getByText('As it was is now called As they want it now').waitFor()
    expect(await savedName()).toBe('As they want it now')
  })
})

async function choose(side: string) {
  await staleDialog().getByRole('radio', { name: side }).click()
  await staleDialog().getByRole('button', { name: 'Save' }).click()
}

test('a save in the user’s other window is not attributed to another person', async () => {
  const other = await visitor.context.newPage()
  await other.goto(page.url())
  await nameBox().fill('As I want it')
  const otherName = other.getByRole('region', { name: 'Step Type' }).getByRole('textbox', { name: 'Name' })
  await otherName.fill('As I had it there')
  await other.getByRole('button', { name: 'Save', exact: true }).click()

  await page.getByText(/^Another session of yours saved this draft after you opened it/).waitFor()
  await button('Save').click()

  await page.getByRole('dialog', { name: 'You and another session of yours changed the same parts' }).waitFor()
  expect(await page.getByText('are editing too').count()).toBe(0)
  expect(await page.getByText('is editing too').count()).toBe(0)
  expectNoTroubles(visitor)
})

describe('two people who edit different steps', () => {
  const tag = { id: 'mark', name: 'Mark it', do: 'object.tag', with: { object: { ref: 'trigger' }, tags: ['seen'] } }

  function addElsewhere() {
    const base = drawn('As it was')
    const definition = { ...base, steps: [...base.steps, tag] }
    return here.docket.api(
      'PUT',
      `/workflows/${workflowId}/draft`,
      { data: { attributes: { definition } } },
      { 'if-match': '*' },
    )
  }

  test('are notified at once, and both keep their changes', async () => {
    await nameBox().fill('As I want it')
    await addElsewhere()
    await page.getByText(/saved this draft after you opened it/).waitFor()

    await button('Save and merge').click()

    await page.getByText(/Saved, and merged with changes by/).waitFor()
    await card('Mark it').waitFor()
    await card('As I want it').waitFor()
    const { data } = await here.docket.api('GET', `/workflows/${workflowId}`)
    expect(data.attributes.draftDefinition.steps.map((step: { name: string }) => step.name)).toEqual([
      'As I want it',
      'Mark it',
    ])
    expectNoTroubles(visitor)
  })

  test('do not publish each other’s changes without a review', async () => {
    await nameBox().fill('As I want it')
    await page.getByText('Unsaved changes').waitFor()
    await button('Publish').click()
    const dialog = page.getByRole('dialog', { name: 'Publish this workflow?' })
    await dialog.getByText('As it was is now called As I want it').waitFor()
    await addElsewhere()

    await dialog.getByRole('button', { name: 'Publish' }).click()

    await dialog.getByText(/changed this draft. Review the changes/).waitFor()
    await dialog.getByText('Mark it is added').first().waitFor()
    const before = await here.docket.api('GET', `/workflows/${workflowId}`)
    expect(before.data.attributes.publishedDefinition.steps).toHaveLength(1)
    await dialog.getByRole('button', { name: 'Publish' }).click()
    await dialog.waitFor({ state: 'detached' })
    const after = await here.docket.api('GET', `/workflows/${workflowId}`)
    expect(after.data.attributes.publishedDefinition.steps).toHaveLength(2)
    expectNoTroubles(visitor)
  })

  test('see each other, until one leaves', async () => {
    const body = { emailAddress: 'bo@lumen.example', name: 'Bo Berg', role: 'admin' }
    const { data } = await page.evaluate(async (attributes) => {
      const headers = { 'content-type': 'application/json', 'key-inflection': 'camel' }
      const sent = JSON.stringify({ data: { attributes } })
      return (await fetch('/api/v1/users', { method: 'POST', headers, body: sent })).json()
    }, body)
    const token = /token=(.+)$/.exec(data.attributes.invitation)?.[1]
    const password = 'a long enough one'
    const other = await here.visit()
    await other.goTo(`/invitation#token=${token}`)
    await other.page.getByLabel('Password', { exact: true }).fill(password)
    await other.page.getByRole('button', { name: 'Choose and sign in' }).click()
    await other.page.getByRole('navigation', { name: 'Main' }).waitFor()

    await other.goTo(`/workflows/${workflowId}`)
    await other.page.getByText(/is editing too/).waitFor()
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
    await page.getByText('Bo Berg is editing too').waitFor()

    await other.page.getByRole('link', { name: 'All Workflows' }).first().click()
    await other.page.getByRole('heading', { name: 'All Workflows' }).waitFor()
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
    await page.getByText('Bo Berg is editing too').waitFor({ state: 'detached' })
    expectNoTroubles(visitor)
  })
})

describe('work that was not saved', () => {
  /** Changes the workflow, and waits until the browser has stored the change. */
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

  test('is removed when it is discarded', async () => {
    await drawUnsaved()
    await page.close({ runBeforeUnload: false })
    await comeBack()

    await found().getByRole('button', { name: 'Discard' }).click()
    await found().waitFor({ state: 'detached' })
    await page.reload()

    await card('As it was').waitFor()
    expect(await found().count()).toBe(0)
  })

  test('shows the changes of both, if another person saved before it was restored', async () => {
    await drawUnsaved()
    await page.close({ runBeforeUnload: false })
    await saveElsewhere('As they want it')

    await comeBack()
    await found().getByRole('button', { name: 'Restore' }).click()
    await button('Save').click()

    await staleDialog().getByText('As it was is now called As they want it').waitFor()
    await staleDialog().getByText('As it was is now called Not saved yet').waitFor()
    expect(await savedName()).toBe('As they want it')
  })

  test('is kept while it is offered, regardless of new changes', async () => {
    await drawUnsaved()
    await page.close({ runBeforeUnload: false })
    await comeBack()
    await card('As it was').click()
    await nameBox().fill('Something else')
    await page.getByText('Unsaved changes', { exact: true }).waitFor()
    await page.close({ runBeforeUnload: false })

    await comeBack()
    await found().getByRole('button', { name: 'Restore' }).click()

    await card('Not saved yet').waitFor()
  })
})

test('a draft saved elsewhere is shown when the tab is opened again, if there are no changes', async () => {
  await nameBox().waitFor()
  await saveElsewhere('As they want it')

  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))

  await card('As they want it').waitFor()
  await button('Undo').click()
  await card('As it was').waitFor()
  expectNoTroubles(visitor)
})

test('changes of the whole workflow by another person do not prevent a save', async () => {
  await nameBox().fill('As I want it')
  await here.docket.api('PATCH', `/workflows/${workflowId}`, { data: { attributes: { name: 'Called otherwise' } } })

  await button('Save').click()

  await page.getByText('Saved', { exact: true }).waitFor()
  expect(await savedName()).toBe('As I want it')
})

import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, test } from 'vitest'
import { expectOutcome, expectPublished, tabTo, tabToOne, type World, workflowIdOf, worldOf } from './harness/article'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const CLICKS_MAX = 12

const here = stage()
let visitor: Visitor
let page: Page
let world: World

beforeEach(async () => {
  world = await worldOf(here.docket)
  visitor = await here.visit()
  page = visitor.page
  await signIn(visitor, here.docket)
})

const button = (name: string | RegExp) =>
  page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
const box = (name: string) => page.getByRole('combobox', { name, exact: true })
const option = (name: string | RegExp) => page.getByRole('option', { name }).first()

/** Runs the live workflow on the story's case with the mouse, and waits for the page of the run. */
async function runByMouse() {
  await button('Run now').click()
  const dialog = page.getByRole('dialog', { name: 'Run now' })
  await dialog.getByRole('combobox').click()
  await option(world.caseName).click()
  await dialog.getByRole('button', { name: 'Run', exact: true }).click()
}

describe.each([
  { continues: false, twin: '' },
  { continues: true, twin: ', with a step that fails and continues on error' },
])('the article, followed to a live workflow$twin', ({ continues }) => {
  const status = () => (continues ? world.foreign : world.status)

  test('as written, with every box opened', async () => {
    await page.getByRole('link', { name: 'Workflows', exact: true }).click()
    await page.getByRole('link', { name: 'All Workflows', exact: true }).click()
    await button('Create').click()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(`As the article says ${continues}`)
    await box('Trigger event').click()
    await option(/Case created/i).click()
    await button('Continue').click()
    const circle = button(/^\+ Add the first step/)
    await circle.hover()
    await circle.click()
    await button(/^Action/).click()
    await box('Find Action').click()
    await page.getByRole('treeitem', { name: 'Case', exact: true }).click()
    await page.getByRole('treeitem', { name: 'Update Case Status' }).click()
    await box('Case').click()
    await option(/Trigger/).click()
    await box('Status').click()
    await option(status()).click()
    await page.getByText('Advanced Configuration').click()
    if (continues) await page.getByRole('checkbox', { name: 'Continue on error' }).click()
    await button('Close').last().click()
    await button('Save').click()
    await page.getByText('Saved', { exact: true }).waitFor()
    await button('Publish').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).click()
    await button('Run now').waitFor()

    await expectPublished(here.docket, workflowIdOf(page), status(), continues)
    await runByMouse()
    await expectOutcome(here.docket, page, world, continues)
    expectNoTroubles(visitor)
  })

  test('with the keyboard only', async () => {
    const { keyboard } = page
    await keyboard.press('g')
    await keyboard.press('w')
    await page.getByRole('heading', { level: 1, name: 'All Workflows' }).waitFor()
    await tabTo(page, 'button', 'Create')
    await keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await keyboard.type(`By keys ${continues}`)
    await tabTo(page, 'combobox', 'Trigger event')
    await keyboard.press('Enter')
    await keyboard.type('case created')
    await keyboard.press('Enter')
    await tabTo(page, 'button', 'Continue')
    await keyboard.press('Enter')
    await button(/^\+ Add the first step/).waitFor()
    await keyboard.press('a')
    await page.getByRole('tree', { name: 'Find Action' }).waitFor()
    await keyboard.type('upd stat')
    await keyboard.press('Enter')
    await tabTo(page, 'combobox', 'Status')
    await keyboard.press('Enter')
    await keyboard.type(status())
    await keyboard.press('Enter')
    if (continues) {
      await tabToOne(page, page.locator('summary', { hasText: 'Advanced Configuration' }))
      await keyboard.press('Enter')
      await tabTo(page, 'checkbox', 'Continue on error')
      await keyboard.press('Space')
    }
    await keyboard.press('Escape')
    await keyboard.press('Control+s')
    await page.getByText('Saved', { exact: true }).waitFor()
    await keyboard.press('Control+Shift+Enter')
    await tabTo(page, 'button', 'Publish')
    await keyboard.press('Enter')
    await button('Run now').waitFor()

    await expectPublished(here.docket, workflowIdOf(page), status(), continues)
    await tabTo(page, 'button', 'Run now')
    await keyboard.press('Enter')
    await tabTo(page, 'combobox', 'Recent events that start it')
    await keyboard.press('Enter')
    await keyboard.type(world.caseName)
    await option(world.caseName).waitFor()
    await keyboard.press('Enter')
    await tabTo(page, 'button', 'Run')
    await keyboard.press('Enter')
    await expectOutcome(here.docket, page, world, continues)
    expectNoTroubles(visitor)
  })

  test('with the outline only', async () => {
    const { keyboard } = page
    const { data } = await here.docket.api('POST', '/workflows', {
      data: {
        attributes: {
          name: `By the outline ${continues}`,
          definition: { trigger: { on: ['case.created'] }, steps: [] },
        },
      },
    })
    await visitor.goTo(`/workflows/${data.id}`)
    await button('Show outline').click()
    const tree = page.getByRole('tree', { name: 'Steps of the workflow' })
    await tree.getByRole('treeitem', { name: /^Trigger/ }).focus()
    await keyboard.press('a')
    await page.getByRole('tree', { name: 'Find Action' }).waitFor()
    await keyboard.type('upd stat')
    await page.getByRole('treeitem', { name: 'Update Case Status' }).first().waitFor()
    await keyboard.press('Enter')
    await box('Status').press('Enter')
    await keyboard.type(status())
    await keyboard.press('Enter')
    if (continues) {
      await page.getByText('Advanced Configuration').click()
      await page.getByRole('checkbox', { name: 'Continue on error' }).press('Space')
    }
    await button('Close').last().press('Enter')
    await tree.getByRole('treeitem', { name: /Update Case Status/ }).waitFor()
    expect(await tree.getByRole('treeitem').count(), 'trigger, step, output').toBe(3)
    await button('Save').press('Enter')
    await page.getByText('Saved', { exact: true }).waitFor()
    await button('Publish').press('Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }).press('Enter')
    await button('Run now').waitFor()

    await expectPublished(here.docket, data.id, status(), continues)
    await runByMouse()
    await expectOutcome(here.docket, page, world, continues)
    expectNoTroubles(visitor)
  })
})

test('the shortest way from Create to a live workflow takes at most twelve clicks', async () => {
  let clicks = 0
  const click = async (what: ReturnType<typeof button>) => {
    clicks += 1
    await what.click()
  }
  await visitor.goTo('/workflows')

  await click(button('Create'))
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('The shortest way')
  await click(box('Trigger event'))
  await click(option(/Case created/i))
  await click(button('Continue'))
  await click(button(/^\+ Add the first step/))
  await click(page.getByRole('treeitem', { name: 'Case', exact: true }))
  await click(page.getByRole('treeitem', { name: 'Update Case Status' }))
  await click(box('Status'))
  await click(option(world.status))
  await click(button('Publish'))
  await click(page.getByRole('dialog').getByRole('button', { name: 'Publish', exact: true }))
  await button('Run now').waitFor()

  expect(clicks).toBeLessThanOrEqual(CLICKS_MAX)
  await expectPublished(here.docket, workflowIdOf(page), world.status, false)
  expectNoTroubles(visitor)
})

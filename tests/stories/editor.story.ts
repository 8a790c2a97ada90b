import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor
let page: Page
let workflowId: string

const set = (id: string, name: string) => ({
  id,
  name,
  do: 'case.update_status',
  with: { case: { ref: 'trigger' }, status: 'Pending' },
})

beforeEach(async () => {
  const definition = {
    trigger: { on: ['case.created'] },
    steps: [
      set('one', 'First'),
      {
        id: 'split',
        name: 'Fork',
        choose: [
          {
            label: 'Left',
            when: { all: [{ field: 'trigger.status', is: 'equals', value: 'Open' }] },
            steps: [set('two', 'Second')],
          },
          { label: 'Else', steps: [] },
        ],
      },
    ],
  }
  workflowId = (await here.docket.api('POST', '/workflows', { data: { attributes: { name: 'Drawn', definition } } }))
    .data.id
  visitor = await here.visit()
  page = visitor.page
  await signIn(visitor, here.docket, `/workflows/${workflowId}`)
  await card('First').waitFor()
})

const canvas = () => page.getByRole('group', { name: 'Steps of the workflow' })
const card = (title: string) => canvas().getByRole('button', { name: new RegExp(`^${title}`) })
const outline = () => page.getByRole('tree', { name: 'Steps of the workflow' })
const line = (title: string) => outline().getByRole('treeitem', { name: new RegExp(`^${title}`) })
const button = (name: string | RegExp) =>
  page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })

/** The results of Find Action for a word, best first. */
async function found(word: string): Promise<string[]> {
  await page.getByRole('combobox', { name: 'Find Action' }).fill(word)
  return page.getByRole('tree', { name: 'Find Action' }).getByRole('treeitem').allTextContents()
}

test('Find Action finds by name, by synonym, and by input', async () => {
  await button(/^\+ Add the first step/).click()
  const types = (await here.docket.api('GET', '/step-types')).data as {
    attributes: { label: string; synonyms: string[]; config: { properties?: Record<string, unknown> } }
  }[]

  for (const { attributes } of types) {
    expect((await found(attributes.label))[0], attributes.label).toContain(attributes.label)
    for (const synonym of attributes.synonyms) {
      expect((await found(synonym)).join(), synonym).toContain(attributes.label)
    }
    for (const input of Object.keys(attributes.config.properties ?? {})) {
      expect((await found(input)).join(), input).toContain(attributes.label)
    }
  }
  expect(await found('no such thing at all')).toEqual([])
  await page.getByText('No action matches. Try another word.').waitFor()
  expectNoTroubles(visitor)
})

test('arrow keys move in the tree, and changes there appear in the outline', async () => {
  const { keyboard } = page
  await button('Show outline').click()
  await card('First').focus()

  await keyboard.press('ArrowDown')
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('+ Add a step after First')
  await keyboard.press('ArrowDown')
  expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.card)).toBe('split')
  await keyboard.press('ArrowUp')
  await keyboard.press('ArrowUp')
  await keyboard.press('Delete')

  await line('First').waitFor({ state: 'detached' })
  expect(await card('First').count()).toBe(0)
  await keyboard.press('Control+z')
  await line('First').waitFor()
  await card('First').waitFor()
  expectNoTroubles(visitor)
})

test('arrow keys move in and out of routes in the outline, and changes there appear in the tree', async () => {
  const { keyboard } = page
  await button('Show outline').click()
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '')

  await line('Trigger').focus()
  await keyboard.press('ArrowDown')
  expect(await focused()).toMatch(/^First/)
  await keyboard.press('ArrowDown')
  expect(await focused()).toMatch(/^Fork/)
  await keyboard.press('ArrowRight')
  expect(await focused()).toMatch(/^Left/)
  await keyboard.press('ArrowRight')
  expect(await focused()).toMatch(/^Second/)
  await keyboard.press('ArrowLeft')
  await keyboard.press('ArrowLeft')
  expect(await focused()).toMatch(/^Fork/)
  await keyboard.press('End')
  expect(await focused()).toMatch(/^Output Data/)
  await line('Second').focus()
  await keyboard.press('Delete')

  await card('Second').waitFor({ state: 'detached' })
  await button('Save').click()
  await page.getByText('Saved', { exact: true }).waitFor()
  const { data } = await here.docket.api('GET', `/workflows/${workflowId}`)
  expect(data.attributes.draftDefinition.steps[1].choose[0].steps).toEqual([])
  expectNoTroubles(visitor)
})

test('a row of a condition has room for its field, its operator and its value', async () => {
  await card('Fork').click()
  const row = page.getByRole('group', { name: 'Where' })
  const boxes = [
    row.getByRole('button', { name: 'Field: Trigger › Status' }),
    row.getByRole('combobox', { name: 'Operator' }),
    row.getByRole('textbox', { name: 'Value' }),
  ]

  const panel = await page.getByRole('complementary', { name: 'Fork' }).boundingBox()
  for (const box of boxes) {
    const place = await box.boundingBox()
    if (!place || !panel) throw new Error('it is not drawn')
    expect(place.width).toBeGreaterThan(100)
    expect(place.x + place.width).toBeLessThan(panel.x + panel.width)
  }
  expect(await boxes[0]?.getAttribute('title')).toBe('Trigger › Status (trigger.status)')
})

test('a draft with an invalid condition can be opened, and shows the problem', async () => {
  const when = { all: [{ path: 'trigger.status' }] }
  const definition = {
    trigger: { on: ['case.created'] },
    steps: [{ id: 'split', name: 'Fork', choose: [{ label: 'Left', when, steps: [] }] }],
  }
  const attributes = { name: 'Written by hand', definition }
  const { data } = await here.docket.api('POST', '/workflows', { data: { attributes } })

  await visitor.goTo(`/workflows/${data.id}`)

  await card('Fork').waitFor()
  await button(/^View \d+ errors?/).click()
  await page.getByText("a condition has no member 'path'").first().waitFor()
  expectNoTroubles(visitor)
})

test('the panel of a step links to its page in the guide, which the server includes', async () => {
  await card('First').click()
  await page.getByText('About this step').click()
  const guide = page.waitForEvent('popup')

  await page.getByRole('link', { name: 'More in the guide' }).click()

  const shown = await guide
  await shown.getByRole('heading', { level: 1, name: 'Update Case Status' }).waitFor()
  await shown.getByRole('link', { name: 'Step by step, with pictures' }).click()
  await shown.getByRole('heading', { level: 1, name: 'Update the status of a case from a workflow' }).waitFor()
  const pictures = await shown
    .getByRole('img')
    .evaluateAll((all) => all.map((one) => (one as HTMLImageElement).naturalWidth))
  expect(pictures.length).toBeGreaterThan(0)
  for (const width of pictures) expect(width, 'the picture is there').toBeGreaterThan(0)
  expectNoTroubles(visitor)
})

/** The focused element: the card, or its name. */
const focused = () =>
  page.evaluate(() => {
    const active = document.activeElement as HTMLElement | null
    return active?.dataset.card ?? active?.textContent
  })

test('a new workflow opens at its trigger', async () => {
  await visitor.goTo('/workflows')
  await button('Create').click()
  const dialog = page.getByRole('dialog', { name: 'Create a workflow' })
  await dialog.getByLabel('Name').fill('Made by keyboard')
  await dialog.getByRole('radio', { name: 'API' }).click()

  await dialog.getByRole('button', { name: 'Continue' }).click()

  await card('Called through the API').waitFor()
  await expect.poll(focused).toBe('#trigger')
  expectNoTroubles(visitor)
})

test('publishing and restoring keep the focus in a useful place', async () => {
  const publish = async () => {
    await button('Publish').click()
    await page.getByRole('dialog', { name: 'Publish this workflow?' }).getByRole('button', { name: 'Publish' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  await publish()
  await expect.poll(focused).toBe('Publish')
  await card('First').focus()
  await page.keyboard.press('Delete')
  await card('First').waitFor({ state: 'detached' })
  await publish()

  await button(/^More/).click()
  await page.getByRole('menuitem', { name: 'Version history' }).click()
  const versions = page.getByRole('dialog', { name: 'Version history' }).getByRole('listitem')
  await versions.filter({ hasText: 'Version 2' }).getByText('Already open in the editor.').waitFor()
  await versions.filter({ hasText: 'Version 1' }).getByRole('button', { name: 'Restore' }).click()

  await card('First').waitFor()
  await page.getByText('The live version does not change until you publish.').waitFor()
  await expect.poll(focused).toBe('#trigger')
  expectNoTroubles(visitor)
})

test('a missing input is reported once, beside its box', async () => {
  const definition = { trigger: { on: ['case.created'] }, steps: [{ ...set('one', 'First'), with: {} }] }
  const { data } = await here.docket.api('POST', '/workflows', { data: { attributes: { name: 'Begun', definition } } })

  await visitor.goTo(`/workflows/${data.id}?step=one`)

  await page.getByText('Case is missing: choose one').waitFor()
  expect(await page.getByText('Case is missing: choose one').count()).toBe(1)
  expect(await page.getByText('Status is missing: choose one').count()).toBe(1)
  await button('View 2 errors').click()
  expect(await page.getByRole('menuitem').allTextContents()).toEqual([
    'FirstCase is missing: choose one',
    'FirstStatus is missing: choose one',
  ])
  expectNoTroubles(visitor)
})

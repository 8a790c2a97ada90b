import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor
let page: Page
let workflowId: string

beforeEach(async () => {
  const definition = {
    trigger: {
      on: ['api'],
      parameters: [
        { name: 'country', type: 'string' },
        { name: 'amount', type: 'number' },
        { name: 'born', type: 'date' },
      ],
    },
    steps: [
      {
        id: 'split',
        name: 'Fork',
        choose: [
          { label: 'Listed', when: { any: [{ all: [{ field: 'trigger.fields.country', is: 'is_in' }] }] }, steps: [] },
          { label: 'Large', when: { any: [{ all: [{ field: 'trigger.fields.amount', is: 'equals' }] }] }, steps: [] },
          { label: 'Young', when: { any: [{ all: [{ field: 'trigger.fields.born', is: 'after' }] }] }, steps: [] },
          { label: 'Else', steps: [] },
        ],
      },
    ],
  }
  workflowId = (await here.docket.api('POST', '/workflows', { data: { attributes: { name: 'Typed', definition } } }))
    .data.id
  visitor = await here.visit()
  page = visitor.page
  await signIn(visitor, here.docket, `/workflows/${workflowId}?step=split`)
})

const valueIn = (route: string) =>
  page.getByRole('region', { name: route, exact: true }).getByLabel('Value', { exact: true })

const chips = () =>
  page
    .getByRole('region', { name: 'Listed', exact: true })
    .getByRole('list', { name: 'Value: list' })
    .getByRole('listitem')

/** Saves, and waits until the one row of a route has this value. */
async function saves(route: number, value: unknown) {
  await page.keyboard.press('Control+s')
  await expect
    .poll(async () => {
      const { data } = await here.docket.api('GET', `/workflows/${workflowId}`)
      return data.attributes.draftDefinition.steps[0].choose[route].when.any[0].all[0].value
    })
    .toEqual(value)
}

test('country codes that are typed in a list stay what they are', async () => {
  await valueIn('Listed').pressSequentially('IR, KP, SY, NO, 007, 1e5, 0KP')

  await saves(0, ['IR', 'KP', 'SY', 'NO', '007', '1e5', '0KP'])
  await page.reload()
  await chips().first().waitFor()
  expect(await chips().allTextContents()).toEqual(['IR', 'KP', 'SY', 'NO', '007', '1e5', '0KP'])
  expectNoTroubles(visitor)
})

test('a list is edited with the keyboard', async () => {
  const box = valueIn('Listed')
  await box.pressSequentially('IR,KP')
  await box.press('Enter')
  expect(await chips().allTextContents()).toEqual(['IR', 'KP'])

  await box.press('Backspace')
  expect(await box.inputValue(), 'the last one is back in the box').toBe('KP')
  await box.press('Control+a')
  await box.pressSequentially('"Korea, North"')
  await box.press('Enter')

  await saves(0, ['IR', 'Korea, North'])
})

test('a number keeps the typed text until the box is left, and invalid text stays and is reported', async () => {
  const box = valueIn('Large')
  await box.pressSequentially('1.50')
  expect(await box.inputValue()).toBe('1.50')
  await saves(1, 1.5)

  for (const text of ['007', '9007199254740993', '1,5']) {
    await box.fill('')
    await box.pressSequentially(text)
    await box.blur()
    expect(await box.inputValue(), text).toBe(text)
    await page.getByText(/is not a number|is too large/).waitFor()
  }
  await box.fill('1000')
  await saves(1, 1000)
})

test('a date is chosen in a date box', async () => {
  const box = valueIn('Young')
  expect(await box.getAttribute('type')).toBe('date')
  await box.fill('2008-01-31')

  await saves(2, '2008-01-31')
})

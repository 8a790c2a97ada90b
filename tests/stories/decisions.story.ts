import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor
let page: Page
let templateId: string
let caseId: string
let caseName: string

const STATUSES = [
  { name: 'Fresh', type: 'initial' },
  { name: 'Looking', type: 'intermediate' },
  { name: 'Waiting', type: 'intermediate' },
  { name: 'Approved', type: 'end' },
  { name: 'Declined', type: 'end' },
]

beforeAll(async () => {
  const attributes = { name: 'Decided', key: 'DECIDE', statuses: STATUSES }
  templateId = (await here.docket.api('POST', '/case-templates', { data: { attributes } })).data.id
})

beforeEach(async () => {
  const { data } = await here.docket.api('POST', '/cases', { data: { attributes: { caseTemplateId: templateId } } })
  caseId = data.id
  caseName = data.attributes.name
  // Without a connection, a browser logs each request that fails.
  visitor = await here.visit({ expects: [412] })
  page = visitor.page
  await signIn(visitor, here.docket, `/cases/${caseId}`)
  await button('Set to Looking').waitFor()
})

const button = (name: string) => page.getByRole('button', { name, exact: true })
const dialog = (name: string) => page.getByRole('dialog', { name })
const timeline = () => page.getByRole('region', { name: 'Timeline' })
const entry = (text: string) => timeline().getByRole('listitem').filter({ hasText: text })
const banner = () => page.getByRole('alert').filter({ hasText: 'You are offline' })

const setElsewhere = (status: string, comment?: string) =>
  here.docket.api('POST', `/cases/${caseId}/set-status`, { meta: { status, comment } })

const statusNow = async (): Promise<string> => (await here.docket.api('GET', `/cases/${caseId}`)).data.attributes.status

/** Expects no troubles except those of a browser without a connection. */
function expectOnlyNetworkTroubles() {
  expect(visitor.troubles.filter((trouble) => !trouble.includes('net::ERR'))).toEqual([])
}

/** Every change that this page requests from the server from now on. */
function changesAsked(): string[] {
  const asked: string[] = []
  page.on('request', (request) => {
    if (request.method() !== 'GET') asked.push(`${request.method()} ${new URL(request.url()).pathname}`)
  })
  return asked
}

test('a decision that was cancelled without a connection is never applied', async () => {
  const asked = changesAsked()
  await button('Set to Approved').click()
  await visitor.context.setOffline(true)

  const confirm = dialog('Set to Approved').getByRole('button', { name: 'Set to Approved', exact: true })
  await dialog('Set to Approved').getByText('Nothing can be changed until the connection is back.').waitFor()
  expect(await confirm.isDisabled()).toBe(true)
  await dialog('Set to Approved').getByRole('button', { name: 'Cancel' }).click()
  await banner().waitFor()
  expect(await button('Set to Looking').isDisabled(), 'and no other decision').toBe(true)
  await page.keyboard.press('2')
  await visitor.context.setOffline(false)

  await banner().waitFor({ state: 'detached' })
  await expect.poll(() => button('Set to Looking').isEnabled()).toBe(true)
  await visitor.settled()
  expect(asked).toEqual([])
  expect(await statusNow()).toBe('Fresh')
  expectOnlyNetworkTroubles()
})

test('a decision confirmed as the connection was lost is refused, and not sent from another screen', async () => {
  const asked = changesAsked()
  await button('Set to Approved').click()
  const confirm = dialog('Set to Approved').getByRole('button', { name: 'Set to Approved', exact: true })
  // The browser has no connection, and the screen has not noticed it yet.
  await page.route('**/api/v1/**', (route) => route.abort('internetdisconnected'))
  await page.evaluate(() => Object.defineProperty(navigator, 'onLine', { get: () => false, configurable: true }))

  await confirm.click()
  await dialog('Set to Approved').getByText('Nothing was sent, and nothing was changed.').waitFor()
  await dialog('Set to Approved').getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('link', { name: 'Accounts', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor()
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'onLine', { get: () => true, configurable: true })
    window.dispatchEvent(new Event('online'))
  })

  await page.getByRole('link', { name: 'All Cases', exact: true }).click()
  await page.getByRole('link', { name: caseName, exact: true }).click()
  await button('Set to Approved').waitFor()
  await visitor.settled()
  expect(asked).toEqual([])
  expect(await statusNow()).toBe('Fresh')
})

test('a decision cancelled in progress is stopped, and its result is shown', async () => {
  let arrived = () => {}
  const isUnderWay = new Promise<void>((done) => {
    arrived = done
  })
  // The request is held back and never arrives.
  await page.route(`**/cases/${caseId}/set-status`, () => arrived())
  await button('Set to Approved').click()
  await dialog('Set to Approved').getByRole('button', { name: 'Set to Approved', exact: true }).click()
  await isUnderWay

  await dialog('Set to Approved').getByRole('button', { name: 'Cancel' }).click()

  await page.getByText('Stopped before Docket answered').waitFor()
  await page.getByText(`${caseName} is Fresh now.`).waitFor()
  expect(await statusNow()).toBe('Fresh')
  await page.unrouteAll({ behavior: 'ignoreErrors' })
})

test('a dialog decides on the version shown when it opened, and shows who changed it meanwhile and why', async () => {
  await setElsewhere('Looking')
  await button('Set to Fresh').waitFor()
  await button('Set to Approved').click()
  const asked = dialog('Set to Approved')
  await asked.getByRole('textbox', { name: 'Comment' }).fill('All papers are there')

  await setElsewhere('Declined', 'The passport is forged')

  const changed = asked.getByRole('alert').filter({ hasText: 'This was changed after you opened it' })
  await changed.getByText('set the status from Looking to Declined').waitFor()
  await changed.getByText('The passport is forged').waitFor()
  await changed.getByText(`${caseName} is Declined now.`).waitFor()
  const confirm = asked.getByRole('button', { name: 'Set to Approved', exact: true })
  expect(await confirm.isDisabled()).toBe(true)
  await page.keyboard.press('Control+Enter')
  expect(await statusNow()).toBe('Declined')
  expect(await asked.getByRole('textbox', { name: 'Comment' }).inputValue()).toBe('All papers are there')
  await changed.getByRole('button', { name: 'Use the current version' }).click()
  await confirm.click()
  await entry('set the status from Declined to Approved').waitFor()
  expectNoTroubles(visitor)
})

test('a decision confirmed before the change of a colleague is on screen is refused', async () => {
  await button('Set to Approved').click()
  await page.route(
    `**/cases/${caseId}/set-status`,
    async (route) => {
      expect(route.request().headers()['if-match']).toBeDefined()
      await setElsewhere('Declined', 'The passport is forged')
      await route.continue()
    },
    { times: 1 },
  )

  await dialog('Set to Approved').getByRole('button', { name: 'Set to Approved', exact: true }).click()

  await dialog('Set to Approved').getByText('The passport is forged').waitFor()
  expect(await statusNow()).toBe('Declined')
  expectNoTroubles(visitor)
})

test('a click right after a change by another person applies to the previous version', async () => {
  await setElsewhere('Waiting')
  await button('Set to Fresh').waitFor()

  await button('Set to Looking').click()

  await page.getByRole('alert').filter({ hasText: 'set the status from Fresh to Waiting' }).waitFor()
  expect(await statusNow()).toBe('Waiting')
  expectNoTroubles(visitor)
})

test('buttons and keys keep their place when the status changes', async () => {
  const placeOf = async (name: string) => (await button(name).boundingBox())?.y
  const before = await placeOf('Set to Waiting')

  await button('Set to Looking').dblclick()
  await entry('set the status from Fresh to Looking').waitFor()
  await button('Set to Fresh').waitFor()

  expect(await placeOf('Set to Waiting')).toBe(before)
  expect(await statusNow()).toBe('Looking')
  await page.keyboard.press('2')
  await page.keyboard.press('3')
  await entry('set the status from Looking to Waiting').waitFor()
  expect(await statusNow()).toBe('Waiting')
  expectNoTroubles(visitor)
})

test('a held key decides once, and types nothing into the dialog it opens', async () => {
  await page.keyboard.down('4')
  await page.keyboard.down('4')
  const asked = dialog('Set to Approved')
  await asked.waitFor()
  await page.keyboard.down('4')
  await page.keyboard.up('4')

  expect(await asked.getByRole('textbox', { name: 'Comment' }).inputValue()).toBe('')
  expect(await statusNow()).toBe('Fresh')
  expectNoTroubles(visitor)
})

test('a typed note is sent with any status, and the buttons say so', async () => {
  const box = page.getByRole('textbox', { name: 'Add a comment' })
  await box.fill('Waiting for the passport')
  await page.getByText('Your note will be added.').waitFor()

  await button('Set to Waiting').click()

  await entry('set the status from Fresh to Waiting').getByText('Waiting for the passport').waitFor()
  await page.getByText('Your note was added.').waitFor()
  expect(await box.inputValue()).toBe('')
  expect(await page.getByText('Your note will be added.').count()).toBe(0)
  expectNoTroubles(visitor)
})

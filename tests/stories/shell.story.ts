import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { expectNoTroubles, openBrowser, signIn, type Visitor, visit } from './harness/browser'
import { type Docket, startDocket } from './harness/docket'

let docket: Docket
let browser: Browser
let visitor: Visitor

beforeAll(async () => {
  docket = await startDocket()
  browser = await openBrowser()
})

afterEach(async () => {
  await visitor.leave()
})

afterAll(async () => {
  await browser?.close()
  await docket?.stop()
})

test('keys alone lead anywhere, and a dialog tells which', async () => {
  visitor = await visit(browser, docket)
  const { page } = visitor
  await signIn(visitor, docket)

  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('All Workflows').waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('a')
  await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor()

  expectNoTroubles(visitor)
})

test('the palette finds a case by its key', async () => {
  visitor = await visit(browser, docket)
  const { page } = visitor
  const { data } = await docket.api('GET', '/cases?page[size]=1')
  await signIn(visitor, docket)

  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
  await page.keyboard.type(data[0].attributes.name)
  await page.getByRole('option', { name: data[0].attributes.name }).waitFor()
  await page.keyboard.press('Enter')

  await page.waitForURL(`**/cases/${data[0].id}`)
  expectNoTroubles(visitor)
})

test('the sandbox has a line of its own, and the switch leads to production in every tab', async () => {
  visitor = await visit(browser, docket)
  const { page, context } = visitor
  await signIn(visitor, docket)
  const line = page.getByRole('complementary', { name: /Sandbox/ })
  await line.waitFor()
  const other = await context.newPage()
  await other.goto(`${docket.url}/objects/accounts`)
  await other.getByRole('complementary', { name: /Sandbox/ }).waitFor()

  await page.getByRole('button', { name: /Switch environment/ }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Production' }).click()

  await page.getByRole('button', { name: /Production Switch environment/ }).waitFor()
  await other.getByRole('button', { name: /Production Switch environment/ }).waitFor()
  expect(await line.count()).toBe(0)
  expectNoTroubles(visitor)
})

test('a theme that was chosen is there before anything is painted, and stays', async () => {
  visitor = await visit(browser, docket, { theme: 'light' })
  const { page } = visitor
  await signIn(visitor, docket)

  await page.getByRole('button', { name: /Account and appearance/ }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Dark' }).click()
  await page.keyboard.press('Escape')
  await page.reload({ waitUntil: 'commit' })

  await page.waitForSelector('html[data-theme="dark"] head script[src$="theme.js"]', { state: 'attached' })
  expectNoTroubles(visitor)
})

test('it works below a path that a proxy adds', async () => {
  visitor = await visit(browser, docket)
  const { page } = visitor
  // What a proxy does: takes the front off the path, and hands on the rest.
  await page.route(`${docket.url}/bank/docket/**`, async (route) => {
    const inner = route.request().url().replace('/bank/docket/', '/')
    const response = await route.fetch({ url: inner })
    await route.fulfill({ response })
  })

  await signIn(visitor, docket, '/bank/docket/objects/accounts')
  await page
    .getByRole('cell', { name: /customer-/ })
    .first()
    .waitFor()

  expect(new URL(page.url()).pathname).toBe('/bank/docket/objects/accounts')
})

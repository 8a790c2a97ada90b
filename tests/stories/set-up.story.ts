import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { expectNoTroubles, openBrowser, type Visitor, visit } from './harness/browser'
import { type Docket, startDocket } from './harness/docket'

const SECONDS_TO_THE_FIRST_CASE_MAX = 60

let docket: Docket
let browser: Browser
let visitor: Visitor

beforeAll(async () => {
  browser = await openBrowser()
})

beforeEach(async () => {
  docket = await startDocket({ folder: 'fresh' })
})

afterEach(async () => {
  await visitor.leave()
  await docket.stop()
})

afterAll(async () => {
  await browser?.close()
})

async function fill({ page }: Visitor) {
  await page.getByLabel('Organization').fill('Lumen Bank')
  await page.getByLabel('E-mail address').fill(docket.email)
  await page.getByLabel('Password', { exact: true }).fill(docket.password)
}

test('the printed address leads to a first case within a minute', async () => {
  visitor = await visit(browser, docket)
  const { page } = visitor
  const begun = Date.now()
  const printed = /http:\S+/.exec(await docket.says(/setup#token/))?.[0] ?? ''

  await page.goto(printed)
  await page.getByRole('heading', { name: 'Set up Docket' }).waitFor()
  expect(page.url(), 'the token is out of the address bar').not.toContain('token')
  await fill(visitor)
  await page.getByRole('button', { name: 'Set up' }).click()
  await page.getByRole('heading', { name: 'Get to know Docket' }).waitFor({ timeout: 40_000 })
  await page
    .getByRole('list')
    .getByRole('link', { name: /^[A-Z]+-\d+$/ })
    .first()
    .click()

  await page.waitForURL(/\/cases\/case_/)
  expect((Date.now() - begun) / 1000).toBeLessThan(SECONDS_TO_THE_FIRST_CASE_MAX)
  expectNoTroubles(visitor)
})

test('without the token that the server printed, nothing is set up', async () => {
  visitor = await visit(browser, docket, { expects: [403] })
  const { page } = visitor

  await visitor.goTo('/')
  await page.getByRole('heading', { name: 'Set up Docket' }).waitFor()
  await page.getByLabel('Setup token').fill('a guess')
  await fill(visitor)
  await page.getByRole('button', { name: 'Set up' }).click()

  await page.getByRole('alert').waitFor()
  expect(await page.getByLabel('Organization').inputValue(), 'nothing typed is lost').toBe('Lumen Bank')
  expectNoTroubles(visitor)
})

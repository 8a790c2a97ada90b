import { expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor

test('keys open every screen, and a dialog lists them', async () => {
  visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket)

  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('All Workflows').waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await page.keyboard.press('a')
  await page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor()

  expectNoTroubles(visitor)
})

test('the palette finds a case by its key', async () => {
  visitor = await here.visit()
  const { page } = visitor
  const { data } = await here.docket.api('GET', '/cases?page[size]=1')
  await signIn(visitor, here.docket)

  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
  await page.keyboard.type(data[0].attributes.name)
  await page.getByRole('option', { name: data[0].attributes.name }).waitFor()
  await page.keyboard.press('Enter')

  await page.waitForURL(`**/cases/${data[0].id}`)
  expectNoTroubles(visitor)
})

test('the palette used at once opens a screen, and never switches to production', async () => {
  visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket, '/cases')
  await page.getByRole('heading', { level: 1, name: 'All Cases' }).waitFor()

  await page.keyboard.press('Control+k')
  const options = page.getByRole('dialog', { name: 'Command palette' }).getByRole('option')
  await options.first().waitFor()
  expect(await options.last().textContent()).toContain('Switch to Production')
  await page.keyboard.press('Enter')

  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
  await page.getByRole('complementary', { name: /Sandbox/ }).waitFor()
  expectNoTroubles(visitor)
})

test('the palette creates a case from anywhere, and Escape returns the focus', async () => {
  visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket, '/objects/accounts')
  const search = page.getByRole('searchbox', { name: 'Find by reference' })
  await search.focus()
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Command palette' })
  await palette.getByRole('option').first().waitFor()
  await page.keyboard.press('Escape')
  await palette.waitFor({ state: 'detached' })
  await expect.poll(() => search.evaluate((box) => box === document.activeElement)).toBe(true)

  await page.keyboard.press('Control+k')
  await palette.getByRole('combobox').fill('create a case')
  await palette.getByRole('option', { name: 'Create a case' }).waitFor()
  await page.keyboard.press('Enter')

  const asked = page.getByRole('dialog', { name: 'Create a case' })
  await asked.waitFor()
  await asked.getByRole('button', { name: 'Cancel' }).click()
  await asked.waitFor({ state: 'detached' })
  expect(new URL(page.url()).search, 'a reload does not ask again').toBe('')
  expectNoTroubles(visitor)
})

test('every screen shows a lost connection until it is back', async () => {
  visitor = await here.visit()
  const { page, context } = visitor
  await signIn(visitor, here.docket, '/objects/accounts')

  await context.setOffline(true)
  const banner = page.getByRole('alert').filter({ hasText: 'You are offline' })
  await banner.waitFor()
  await context.setOffline(false)

  await banner.waitFor({ state: 'detached' })
})

test('the environment is also visible in a narrow window', async () => {
  visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket)

  await page.setViewportSize({ width: 390, height: 800 })

  await page.getByText('Sandbox', { exact: true }).first().waitFor()
})

test('the user menu links to the guide, and the profile shows the role', async () => {
  visitor = await here.visit()
  const { page, context } = visitor
  await signIn(visitor, here.docket, '/settings/profile')
  await page.getByText('Administrator').waitFor()

  await page.getByRole('button', { name: /Account and appearance/ }).click()
  const opened = context.waitForEvent('page')
  await page.getByRole('menuitem', { name: 'Guide' }).click()

  await (await opened).getByRole('heading', { level: 1 }).waitFor()
  expectNoTroubles(visitor)
})

test('the sandbox has its own line, and the switch leads to production in every tab', async () => {
  visitor = await here.visit()
  const { page, context } = visitor
  await signIn(visitor, here.docket)
  const line = page.getByRole('complementary', { name: /Sandbox/ })
  await line.waitFor()
  const other = await context.newPage()
  await other.goto(`${here.docket.url}/objects/accounts`)
  await other.getByRole('complementary', { name: /Sandbox/ }).waitFor()

  await page.getByRole('button', { name: /Switch environment/ }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Production' }).click()

  await page.getByRole('button', { name: /Production Switch environment/ }).waitFor()
  await other.getByRole('button', { name: /Production Switch environment/ }).waitFor()
  const told = 'This browser is now in Production.'
  await other.getByText(told).waitFor()
  expect(await page.getByText(told).count(), 'who switched it knows').toBe(0)
  expect(await line.count()).toBe(0)
  // Nothing exists yet, and a case needs a template.
  await page.getByRole('link', { name: 'All Cases', exact: true }).click()
  await page.getByRole('button', { name: 'New case' }).first().click()
  await page.getByText('There are no case templates yet').waitFor()
  await page.getByRole('link', { name: 'Create a case template' }).click()
  await page.getByRole('heading', { level: 1, name: 'Case Templates' }).waitFor()
  expectNoTroubles(visitor)
})

test('a chosen theme is applied before the first paint, and stays', async () => {
  visitor = await here.visit({ theme: 'light' })
  const { page } = visitor
  await signIn(visitor, here.docket)

  await page.getByRole('button', { name: /Account and appearance/ }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Dark' }).click()
  await page.keyboard.press('Escape')
  await page.reload({ waitUntil: 'commit' })

  await page.waitForSelector('html[data-theme="dark"] head script[src$="theme.js"]', { state: 'attached' })
  expectNoTroubles(visitor)
})

test('it works below a path that a proxy adds', async () => {
  visitor = await here.visit()
  const { page } = visitor
  // Like a proxy: removes the prefix of the path, and forwards the rest.
  await page.route(`${here.docket.url}/bank/docket/**`, async (route) => {
    const inner = route.request().url().replace('/bank/docket/', '/')
    const response = await route.fetch({ url: inner })
    await route.fulfill({ response })
  })

  await signIn(visitor, here.docket, '/bank/docket/objects/accounts')
  await page
    .getByRole('cell', { name: /customer-/ })
    .first()
    .waitFor()

  expect(new URL(page.url()).pathname).toBe('/bank/docket/objects/accounts')
  // Requests still in the proxy belong to no session.
  await page.unrouteAll({ behavior: 'ignoreErrors' })
})

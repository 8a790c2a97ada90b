import { expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor

test('Home shows the five first steps after the sign-in', async () => {
  visitor = await here.visit()

  await signIn(visitor, here.docket)

  await visitor.page.getByRole('heading', { name: 'Get to know Docket' }).waitFor()
  expect(await visitor.page.getByRole('list').filter({ hasText: 'View a case' }).getByRole('listitem').count()).toBe(5)
  expectNoTroubles(visitor)
})

test('the sign-in leads to the screen that was requested', async () => {
  visitor = await here.visit()

  await signIn(visitor, here.docket, '/objects/accounts?reference=customer-1001')

  await visitor.page.getByRole('heading', { level: 1, name: 'Accounts' }).waitFor()
  expect(new URL(visitor.page.url()).search).toBe('?reference=customer-1001')
  expectNoTroubles(visitor)
})

test('a wrong password and an unknown address get the same message', async () => {
  visitor = await here.visit({ expects: [422] })
  const { page } = visitor
  const attempt = async (email: string, password: string) => {
    await visitor.goTo('/sign-in')
    await page.getByLabel('E-mail address').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    return page.getByRole('alert').textContent()
  }

  const wrong = await attempt(here.docket.email, 'not this one')
  const unknown = await attempt('nobody@lumen.example', 'not this one')

  expect(wrong).toBeTruthy()
  expect(unknown).toBe(wrong)
  expectNoTroubles(visitor)
})

test('signing out applies to every tab, and the next sign-in requests all data again', async () => {
  visitor = await here.visit()
  await signIn(visitor, here.docket)
  const other = await visitor.context.newPage()
  await other.goto(`${here.docket.url}/cases`)
  await other.getByRole('heading', { level: 1, name: 'All Cases' }).waitFor()

  await visitor.page.getByRole('button', { name: /Account and appearance/ }).click()
  await visitor.page.getByRole('menuitem', { name: 'Sign out' }).click()

  await visitor.page.getByRole('heading', { name: 'Sign in to Docket' }).waitFor()
  await other.getByRole('heading', { name: 'Sign in to Docket' }).waitFor()
  expectNoTroubles(visitor)
})

test('an ended session is renewed over the screen, which does not change', async () => {
  visitor = await here.visit()
  const { page, context } = visitor
  await signIn(visitor, here.docket, '/objects/accounts')
  const find = page.getByRole('searchbox', { name: 'Find by reference' })

  await context.clearCookies()
  await find.fill('customer-10')
  await page.getByRole('dialog', { name: 'Sign in to continue' }).waitFor()
  await page.getByLabel('Password', { exact: true }).fill(here.docket.password)
  await page.getByRole('button', { name: 'Sign in' }).click()

  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await find.inputValue()).toBe('customer-10')
  expectNoTroubles(visitor)
})

import { expect, test } from 'vitest'
import { expectNoTroubles, signIn } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()

test('somebody is added, chooses a password with the link, works, and is deactivated', async () => {
  const visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket, '/settings/people')
  await page.getByRole('button', { name: 'Add person', exact: true }).click()
  const asked = page.getByRole('dialog', { name: 'Add person' })
  await asked.getByRole('textbox', { name: 'Name', exact: true }).fill('Nia New')
  await asked.getByRole('textbox', { name: 'E-mail address' }).fill('nia@lumen.example')
  await asked.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Analyst' })
  await asked.getByRole('button', { name: 'Add', exact: true }).click()
  const shown = page.getByRole('dialog', { name: 'Link for Nia New' })
  const link = ((await shown.getByText('/invitation#token=').first().textContent()) ?? '').trim()
  await shown.getByRole('button', { name: 'Close' }).last().click()
  const row = page.getByRole('row').filter({ hasText: 'nia@lumen.example' })
  await row.getByText('Invited').waitFor()

  const guest = await here.visit()
  await guest.page.goto(link)
  await guest.page.getByRole('heading', { name: 'Choose a password' }).waitFor()
  await guest.page.reload()
  await guest.page.getByText(/You were added to .+ in Docket/).waitFor()
  await guest.page.getByText('nia@lumen.example').waitFor()
  await guest.page.getByLabel('Password', { exact: true }).fill('a long password')
  await guest.page.getByRole('button', { name: 'Choose and sign in' }).click()
  await guest.page.getByRole('navigation', { name: 'Main' }).waitFor()
  const steps = guest.page.getByRole('region', { name: 'Get to know Docket' }).getByRole('listitem')
  await steps.first().waitFor()
  expect(await steps.filter({ hasText: 'Publish a change' }).count(), 'an analyst publishes nothing').toBe(0)
  await guest.goTo('/settings/people')
  await guest.page.getByText('nia@lumen.example').first().waitFor()

  expect(await guest.page.getByRole('button', { name: 'Add person' }).count()).toBe(0)

  await page.reload()
  await row.getByText('Active').waitFor()
  await row.getByRole('button', { name: 'Change Nia New' }).click()
  await page.getByRole('menuitem', { name: 'Deactivate…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Deactivate', exact: true }).click()
  await row.getByText('Deactivated').waitFor()
  await guest.page.reload()
  await guest.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  expectNoTroubles(visitor)
})

test('the last administrator stays one, and the screen says why', async () => {
  const visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket, '/settings/people')
  const own = page.getByRole('row').filter({ hasText: 'Administrator' }).first()
  await own.getByRole('button', { name: /^Change / }).click()
  await page.getByRole('menuitem', { name: 'Make analyst' }).click()

  await page.getByText(/is the last administrator/).waitFor()

  await own.getByText('Administrator').waitFor()
})

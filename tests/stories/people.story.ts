import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { expectNoTroubles, signIn } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()

test('a person is added, chooses a password with the link, works, and is deactivated', async () => {
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

test('the last administrator can’t be changed, and the screen says why', async () => {
  const visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket, '/settings/people')
  const own = page.getByRole('row').filter({ hasText: 'Administrator' }).first()
  await own.getByRole('button', { name: /^Change / }).click()
  await page.getByRole('menuitem', { name: 'Make analyst' }).click()

  await page.getByText(/is the last administrator/).waitFor()

  await own.getByText('Administrator').waitFor()
})

test('making a person an administrator requires a confirmation', async () => {
  const visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket, '/settings/people')
  await page.getByRole('button', { name: 'Add person', exact: true }).click()
  const asked = page.getByRole('dialog', { name: 'Add person' })
  await asked.getByRole('textbox', { name: 'Name', exact: true }).fill('Rita Rise')
  await asked.getByRole('textbox', { name: 'E-mail address' }).fill('rita@lumen.example')
  await asked.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Administrator' })
  await asked.getByRole('button', { name: 'Add', exact: true }).click()
  const sure = page.getByRole('dialog', { name: 'Make Rita Rise an administrator?' })
  await sure.getByText(/will be able to do everything/).waitFor()
  await sure.getByRole('button', { name: 'Cancel' }).click()
  await asked.getByRole('combobox', { name: 'Role' }).selectOption({ label: 'Builder' })
  await asked.getByText(/Edits, publishes and runs workflows/).waitFor()
  await asked.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('dialog', { name: 'Link for Rita Rise' }).getByRole('button', { name: 'Close' }).last().click()
  const row = page.getByRole('row').filter({ hasText: 'rita@lumen.example' })
  const menu = () => row.getByRole('button', { name: 'Change Rita Rise' }).click()
  await row.getByText('Builder').waitFor()
  await menu()
  await page.getByRole('menuitem', { name: 'Make administrator…' }).click()
  await sure.getByRole('button', { name: 'Cancel' }).click()
  await row.getByText('Builder').waitFor()
  await menu()
  await page.getByRole('menuitem', { name: 'Make administrator…' }).click()

  await sure.getByRole('button', { name: 'Make administrator' }).click()

  await row.getByText('Administrator').waitFor()
  await menu()
  await page.getByRole('menuitem', { name: 'History' }).click()
  const history = page.getByRole('dialog', { name: 'History of Rita Rise' })
  await history.getByText('Role changed from Builder to Administrator').waitFor()
  await history.getByText('Added as Builder').waitFor()
  expectNoTroubles(visitor)
})

test('the open cases of a deactivated person are reassigned to another one', async () => {
  const { api } = here.docket
  const visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket, '/settings/people')
  await page.getByRole('button', { name: 'Add person', exact: true }).click()
  const asked = page.getByRole('dialog', { name: 'Add person' })
  await asked.getByRole('textbox', { name: 'Name', exact: true }).fill('Lena Leave')
  await asked.getByRole('textbox', { name: 'E-mail address' }).fill('lena@lumen.example')
  await asked.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('dialog', { name: 'Link for Lena Leave' }).getByRole('button', { name: 'Close' }).last().click()
  const templates = await api('GET', '/case-templates')
  const attributes = { caseTemplateId: templates.data[0].id }
  const opened = await Promise.all([1, 2].map(() => api('POST', '/cases', { data: { attributes } })))
  for (const { data } of opened) {
    await api('POST', `/cases/${data.id}/assign`, { meta: { userEmailAddress: 'lena@lumen.example' } })
  }
  const row = page.getByRole('row').filter({ hasText: 'lena@lumen.example' })
  const menu = () => row.getByRole('button', { name: 'Change Lena Leave' }).click()
  await menu()
  await page.getByRole('menuitem', { name: 'Deactivate…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(/2 open cases in Sandbox are assigned to them/).waitFor()
  await dialog.getByRole('button', { name: 'Deactivate', exact: true }).click()
  await row.getByRole('link', { name: '2 open cases' }).waitFor()
  await visitor.goTo(`/cases/${opened[0].data.id}`)
  await page.getByText('Lena Leave (deactivated)').first().waitFor()
  await page.getByText(/This person is deactivated/).waitFor()
  await visitor.goTo('/settings/people')
  await menu()

  await page.getByRole('menuitem', { name: 'Reassign open cases…' }).click()
  await dialog.getByRole('combobox', { name: 'Open cases' }).selectOption({ label: 'Reassign them to another person' })
  await dialog.getByRole('combobox', { name: 'Reassign to' }).click()
  expect(await page.getByRole('option', { name: /Lena Leave/ }).count(), 'not to those who left').toBe(0)
  await page.getByRole('option', { name: /ada@lumen\.example/ }).click()
  await dialog.getByRole('button', { name: 'Reassign', exact: true }).click()

  await page.getByText('2 cases were reassigned.').waitFor()
  for (const { data } of opened) {
    const shown = await api('GET', `/cases/${data.id}`)
    expect(shown.data.attributes.assigneeId).toBe('ada@lumen.example')
  }
  expectNoTroubles(visitor)
})

test('a change of a person does not overwrite a colleague’s', async () => {
  const [mine, colleagues] = [await here.visit({ expects: [412] }), await here.visit()]
  for (const visitor of [mine, colleagues]) await signIn(visitor, here.docket, '/settings/people')
  const { page } = mine
  await page.getByRole('button', { name: 'Add person', exact: true }).click()
  const asked = page.getByRole('dialog', { name: 'Add person' })
  await asked.getByRole('textbox', { name: 'Name', exact: true }).fill('Tess Twice')
  await asked.getByRole('textbox', { name: 'E-mail address' }).fill('tess@lumen.example')
  await asked.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('dialog', { name: 'Link for Tess Twice' }).getByRole('button', { name: 'Close' }).last().click()
  const rowOf = (at: Page) => at.getByRole('row').filter({ hasText: 'tess@lumen.example' })
  const openMenu = (at: Page) => rowOf(at).getByRole('button', { name: 'Change Tess Twice' }).click()
  const choose = async (at: Page, item: string) => {
    await openMenu(at)
    await at.getByRole('menuitem', { name: item }).click()
  }
  await openMenu(page)
  await choose(colleagues.page, 'Make viewer')
  await rowOf(page).getByText('Viewer').waitFor()

  await page.getByRole('menuitem', { name: 'Make builder' }).click()

  await page.getByText('Tess Twice was not changed').waitFor()
  await rowOf(page).getByText('Viewer').waitFor()

  await choose(page, 'Deactivate…')
  const dialog = page.getByRole('dialog', { name: 'Deactivate Tess Twice?' })
  await dialog.waitFor()
  await choose(colleagues.page, 'Make developer')
  await dialog.getByText('This was changed after you opened it').waitFor()
  await dialog.getByText('Tess Twice is now active, with the role Developer.').waitFor()
  expect(await dialog.getByRole('button', { name: 'Deactivate', exact: true }).isDisabled()).toBe(true)
  await dialog.getByRole('button', { name: 'Use the current version' }).click()
  await dialog.getByRole('button', { name: 'Deactivate', exact: true }).click()
  await rowOf(page).getByText('Deactivated').waitFor()
  for (const visitor of [mine, colleagues]) expectNoTroubles(visitor)
})

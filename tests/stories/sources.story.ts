import { expect, test } from 'vitest'
import { expectNoTroubles, signIn } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()

test('a source shows until when its old secret is valid', async () => {
  const { data } = await here.docket.api('POST', '/sources', { data: { attributes: { name: 'rotated' } } })
  await here.docket.api('POST', `/sources/${data.id}/rotate`, {})
  const visitor = await here.visit()
  await signIn(visitor, here.docket, '/developers/sources')

  const row = visitor.page.getByRole('row').filter({ hasText: 'rotated' })
  await row.waitFor()

  expect(await row.getByRole('time').count()).toBe(2)
  expectNoTroubles(visitor)
})

test('an allow-list is changed, and an entry that no list may contain is refused with a sentence', async () => {
  await here.docket.api('POST', '/sources', { data: { attributes: { name: 'narrowed' } } })
  const visitor = await here.visit({ expects: [422] })
  const { page } = visitor
  await signIn(visitor, here.docket, '/developers/sources')
  await page.getByRole('button', { name: 'Edit what narrowed may report' }).click()
  const dialog = page.getByRole('dialog', { name: 'What narrowed may report' })

  await dialog.getByLabel('May report').fill('inquiry, user')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText("'user' can't be allowed").waitFor()
  await dialog.getByLabel('May report').fill('inquiry, transaction.created')
  await dialog.getByRole('button', { name: 'Save' }).click()

  await page.getByRole('row').filter({ hasText: 'narrowed' }).getByText('inquiry, transaction.created').waitFor()
  expectNoTroubles(visitor)
})

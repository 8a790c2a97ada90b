import { expect, test } from 'vitest'
import { expectNoTroubles, signIn } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()

test('a source says until when its former secret is good too', async () => {
  const { data } = await here.docket.api('POST', '/sources', { data: { attributes: { name: 'rotated' } } })
  await here.docket.api('POST', `/sources/${data.id}/rotate`, {})
  const visitor = await here.visit()
  await signIn(visitor, here.docket, '/developers/sources')

  const row = visitor.page.getByRole('row').filter({ hasText: 'rotated' })
  await row.waitFor()

  expect(await row.getByRole('time').count()).toBe(2)
  expectNoTroubles(visitor)
})

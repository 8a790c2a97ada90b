import { expect, test } from 'vitest'
import { expectNoTroubles, signIn } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()

test('a draft is discarded in the editor, and the live version is shown again', async () => {
  const { api } = here.docket
  const workflows = await api('GET', '/workflows?filter[state]=running')
  const { id } = workflows.data[0]
  const live = (await api('GET', `/workflows/${id}`)).data.attributes.publishedDefinition
  const visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket, `/workflows/${id}`)
  const draft = { ...live, steps: live.steps.slice(0, 1) }
  await page.evaluate(
    ([address, definition]) =>
      fetch(address as string, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'if-match': '*' },
        body: JSON.stringify({ data: { attributes: { definition } } }),
      }),
    [new URL(`api/v1/workflows/${id}/draft`, page.url().replace(/workflows\/.*/, '')).href, draft] as const,
  )
  await page.reload()
  await page.getByRole('button', { name: /^More/ }).click()
  await page.getByRole('menuitem', { name: 'Discard draft…' }).click()
  await page.getByRole('dialog', { name: 'Discard this draft?' }).getByRole('button', { name: 'Discard draft' }).click()

  await page.getByText('Draft discarded. This is the live version.').waitFor()

  const after = (await api('GET', `/workflows/${id}`)).data.attributes
  expect(after.hasDraft).toBe(false)
  expect(after.publishedDefinition).toEqual(live)
  await page.getByRole('button', { name: /^More/ }).click()
  expect(await page.getByRole('menuitem', { name: 'Discard draft…' }).count()).toBe(0)
  expectNoTroubles(visitor)
})

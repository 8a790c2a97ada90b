import { expect, test } from 'vitest'
import { expectNoTroubles, signIn } from './harness/browser'
import { stage } from './harness/stage'

const MS_UNTIL_SEEN_MAX = 1000

const here = stage()

/** Creates a case through the API; returns its key. */
async function openCase(): Promise<string> {
  const template = (await here.docket.api('GET', '/case-templates?page[size]=1')).data[0].id
  const { data } = await here.docket.api('POST', '/cases', { data: { attributes: { caseTemplateId: template } } })
  return data.attributes.name
}

test('changes by others are visible within a second, in every tab', async () => {
  const visitor = await here.visit()
  await signIn(visitor, here.docket)
  const other = await visitor.context.newPage()
  await other.goto(here.docket.url)
  for (const page of [visitor.page, other]) {
    await page.getByRole('region', { name: 'Latest changes' }).getByRole('listitem').first().waitFor()
  }
  // The stream is open after a first event has arrived through it.
  await visitor.page
    .getByText(await openCase())
    .first()
    .waitFor()

  const name = await openCase()
  const begun = Date.now()
  await Promise.all([visitor.page, other].map((page) => page.getByText(name).first().waitFor()))

  expect(Date.now() - begun).toBeLessThan(MS_UNTIL_SEEN_MAX)
  expectNoTroubles(visitor)
})

import { expect, test } from 'vitest'
import { barriers } from './harness/axe'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { picture } from './harness/picture'
import { stage } from './harness/stage'

const here = stage()

const COMMENT = 'Called Robin Vale back on the number of the application.'

/** A case of the sample data with a comment, opened by the administrator. */
async function openCase(options: Parameters<typeof here.visit>[0] = {}): Promise<[Visitor, string, string]> {
  const templates = await here.docket.api('GET', '/case-templates')
  const attributes = { caseTemplateId: templates.data[0].id }
  const { data } = await here.docket.api('POST', '/cases', { data: { attributes } })
  await here.docket.api('POST', `/cases/${data.id}/comments`, { data: { attributes: { body: COMMENT } } })
  const visitor = await here.visit(options)
  await signIn(visitor, here.docket, `/cases/${data.id}`)
  await visitor.page.getByText(COMMENT).waitFor()
  return [visitor, data.id, data.attributes.name]
}

test('a case is redacted after the dialog listed what is deleted and what is kept', async () => {
  const [visitor, id, name] = await openCase()
  const { page } = visitor

  await page.getByRole('button', { name: 'Redact…' }).click()
  const dialog = page.getByRole('dialog', { name: `Redact ${name}?` })
  await dialog.getByText('Fields, tags, files and comments of the case').waitFor()
  await dialog.getByText('What was decided, when, and by whom').waitFor()
  expect(await barriers(page)).toEqual([])
  await picture(page, 'redact-a-case')
  await dialog.getByRole('button', { name: 'Redact', exact: true }).click()
  await page.getByText('The personal information was redacted on').waitFor()
  await page.getByText(COMMENT).waitFor({ state: 'detached' })
  await picture(page, 'a-redacted-case')

  expect(await page.getByRole('button', { name: 'Redact…' }).count()).toBe(0)
  const kept = await here.docket.api('GET', `/cases/${id}`)
  expect(kept.data.attributes.name).toBe(name)
  expect(kept.data.attributes.redactedAt).not.toBeNull()
  expectNoTroubles(visitor)
})

test('a case keeps its comment when the redaction is cancelled', async () => {
  const [visitor, id] = await openCase({ theme: 'dark' })
  const { page } = visitor
  await page.setViewportSize({ width: 390, height: 844 })

  await page.getByRole('button', { name: 'Redact…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  expect(await barriers(page)).toEqual([])
  await picture(page, 'redact-a-case-on-a-phone')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  await page.getByText(COMMENT).waitFor()
  expect((await here.docket.api('GET', `/cases/${id}`)).data.attributes.redactedAt).toBeNull()
  expectNoTroubles(visitor)
})

test('an inquiry and an account are redacted from their pages', async () => {
  const attributes = { referenceId: 'vale-7' }
  const account = (await here.docket.api('POST', '/accounts', { data: { attributes } })).data.id
  const inquiry = (
    await here.docket.api('POST', '/inquiries', {
      data: { attributes: { inquiryTemplateId: 'itmpl_sample', accountId: account } },
    })
  ).data.id
  const visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket, `/objects/accounts/${account}`)

  await page.getByRole('button', { name: 'Redact…' }).click()
  await page.getByRole('dialog').getByText('Its inquiries, with their verifications').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Redact', exact: true }).click()
  await page.getByText('The personal information was redacted on').waitFor()

  await expect
    .poll(async () => (await here.docket.api('GET', `/inquiries/${inquiry}`)).data.attributes.redactedAt)
    .not.toBeNull()
  await visitor.goTo(`/objects/inquiries/${inquiry}`)
  await page.getByText('The personal information was redacted on').waitFor()
  expectNoTroubles(visitor)
})

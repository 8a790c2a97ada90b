import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor
let page: Page
let templateId: string
let caseId: string

let made = 0

beforeEach(async () => {
  made += 1
  const fields = [
    { key: 'amount', type: 'integer', label: 'Amount' },
    { key: 'source', type: 'string', label: 'Source' },
  ]
  const { api } = here.docket
  const template = await api('POST', '/case-templates', { data: { attributes: { name: `Fields ${made}`, fields } } })
  templateId = template.data.id
  const attributes = { caseTemplateId: templateId, fields: { amount: 5, source: 'Abroad' } }
  caseId = (await api('POST', '/cases', { data: { attributes } })).data.id
  visitor = await here.visit({ expects: [422] })
  page = visitor.page
  await signIn(visitor, here.docket, `/cases/templates/${templateId}`)
})

const region = () => page.getByRole('region', { name: 'Fields' })
const button = (name: string) => region().getByRole('button', { name, exact: true })
const saved = () => page.getByText('The fields were saved.').waitFor()
const valuesOf = async () => (await here.docket.api('GET', `/cases/${caseId}`)).data.attributes.fields

test('a field is added and a field in use is archived, and cases still show its value', async () => {
  await button('Add a field').click()
  await page.keyboard.type('Country of birth')
  expect(await region().getByRole('textbox', { name: 'Key' }).last().inputValue()).toBe('country_of_birth')
  await region().getByRole('textbox', { name: 'Key' }).last().fill('country')
  await button('Remove Amount').click()
  await button('Save fields').click()
  await region().getByText('Amount is in use. Choose below what happens to its values.').waitFor()
  await region()
    .getByText(/1 case has a value/)
    .waitFor()
  const choice = region().getByRole('combobox', { name: 'What happens to the values of Amount?' })
  await choice.selectOption({ label: 'Archive the field: keep the values readable, accept no new ones' })

  await button('Save fields').click()
  await saved()

  await region().getByText('Archived', { exact: true }).waitFor()
  expect(await valuesOf()).toEqual({ amount: 5, source: 'Abroad' })
  await visitor.goTo(`/cases/${caseId}`)
  await page.getByText('Amount (archived)').waitFor()
  expectNoTroubles(visitor)
})

test('the values of a removed field are moved to another one', async () => {
  await button('Add a field').click()
  await region().getByRole('textbox', { name: 'Key' }).last().fill('total')
  await button('Remove Amount').click()
  await button('Save fields').click()
  const choice = region().getByRole('combobox', { name: 'What happens to the values of Amount?' })
  await choice.selectOption({ label: 'Move the values to another field and archive this one' })
  await region().getByRole('combobox', { name: 'Field that takes the values' }).selectOption({ label: 'total' })

  await button('Save fields').click()
  await saved()

  expect(await valuesOf()).toEqual({ total: '5', source: 'Abroad' })
  expectNoTroubles(visitor)
})

test('values that do not fit a new type are kept and marked on the case', async () => {
  const source = region()
    .getByRole('listitem')
    .filter({ has: page.getByRole('button', { name: 'Remove Source', exact: true }) })
  await source.getByRole('combobox', { name: 'Type' }).selectOption({ label: 'Whole number' })
  await button('Save fields').click()
  const choice = region().getByRole('combobox', { name: 'What happens to the values of Source?' })
  await choice.selectOption({ label: 'Keep the values as they are: readable, replaced case by case' })

  await button('Save fields').click()
  await saved()

  await visitor.goTo(`/cases/${caseId}`)
  await page.getByText('Source (does not fit the type Whole number)').waitFor()
  expectNoTroubles(visitor)
})

import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { tabTo } from './harness/article'
import { barriers } from './harness/axe'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
const SCREEN = '/settings/bundle'

const plan = (page: Page) => page.getByRole('region', { name: 'What changes' })
const changesOf = (page: Page, name: string) => plan(page).getByRole('table', { name }).getByRole('row')

/** The file that Download saves. */
async function exported(page: Page): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ])
  return (await readFile(await download.path())).toString()
}

const fileOf = (text: string) => ({ name: 'setup.yaml', mimeType: 'application/yaml', buffer: Buffer.from(text) })

async function choose(page: Page, text: string) {
  await page.getByLabel('File', { exact: true }).setInputFiles(fileOf(text))
}

async function apply(page: Page, environment: string) {
  await plan(page).getByRole('button', { name: 'Apply', exact: true }).click()
  const asked = page.getByRole('dialog', { name: `Apply to ${environment}?` })
  await asked.getByRole('button', { name: 'Apply', exact: true }).click()
}

/** Renames the first case template of a bundle; returns the new text and the old name. */
function renamed(yaml: string, to: string): [string, string] {
  const from = /case_templates:\n- slug: \S+\n {2}name: (.+)\n/.exec(yaml)?.[1]
  if (!from) throw new Error(`no case template in ${yaml}`)
  return [yaml.replace(`name: ${from}\n`, `name: ${to}\n`), from]
}

async function atBundles(visitor: Visitor) {
  await signIn(visitor, here.docket, SCREEN)
  await visitor.page.getByRole('heading', { name: 'Setup bundle' }).waitFor()
}

test('a setup is copied to production, compared, applied once, and then there is nothing to change', async () => {
  const visitor = await here.visit()
  const { page } = visitor
  await atBundles(visitor)
  await page.getByRole('button', { name: 'Copy to Production…' }).click()
  await page.getByRole('dialog', { name: 'Copy to Production' }).getByRole('button', { name: 'Continue' }).click()
  await page.getByText('Copied from Sandbox').waitFor()
  const templates = plan(page).getByRole('region', { name: 'Case templates' }).getByRole('listitem')
  await templates.first().waitFor()
  expect(await templates.getByText('New', { exact: true }).count()).toBe(await templates.count())
  await page.getByLabel('Publish the workflows').click()
  await plan(page).getByText('Will be published').first().waitFor()

  await apply(page, 'Production')

  await page.getByText('The setup bundle was applied.').waitFor()
  await plan(page).getByText('Nothing to change: this environment matches the bundle.').waitFor()
  expect(await plan(page).getByRole('button', { name: 'Apply', exact: true }).count()).toBe(0)
  await page.reload()
  await page.getByText('Copied from Sandbox').waitFor({ state: 'hidden' })
  await choose(page, await exported(page))
  await plan(page).getByText('Nothing to change').waitFor()
  await visitor.goTo('/workflows')
  await page.getByRole('row').getByText('Active').first().waitFor()
  expectNoTroubles(visitor)
})

test('a change is shown property by property before it is applied', async () => {
  const visitor = await here.visit()
  const { page } = visitor
  await atBundles(visitor)
  const [yaml, from] = renamed(await exported(page), 'Customer review')
  await choose(page, yaml)
  await page.getByText('Read from setup.yaml').waitFor()

  const row = changesOf(page, 'Customer review').filter({ hasText: from })

  await row.getByRole('rowheader', { name: 'name', exact: true }).waitFor()
  await row.getByText('Customer review').waitFor()
  expect(await changesOf(page, 'Customer review').count(), 'what is equal is not listed').toBe(2)
  expect(await plan(page).getByText('Unchanged').count()).toBeGreaterThan(0)
  expectNoTroubles(visitor)
})

test('a plan that is out of date is refused, says what changed, and is made again', async () => {
  const visitor = await here.visit({ expects: [409] })
  const { page } = visitor
  await atBundles(visitor)
  const [yaml, from] = renamed(await exported(page), 'Planned name')
  await choose(page, yaml)
  await changesOf(page, 'Planned name').first().waitFor()
  const { data } = await here.docket.api('GET', '/case-templates')
  const template = data.find((one: { attributes: { name: string } }) => one.attributes.name === from)
  const meanwhile = { data: { attributes: { name: 'Meanwhile' } } }
  await here.docket.api('PATCH', `/case-templates/${template.id}`, meanwhile)

  await apply(page, 'Sandbox')

  const refused = page.getByRole('alert').filter({ hasText: 'changed after the plan was made' })
  await refused.getByText(/case template 'Meanwhile' at .+ make a new plan, review it, then apply it/).waitFor()
  await refused.getByRole('button', { name: 'Compare again' }).click()
  await refused.waitFor({ state: 'hidden' })
  await changesOf(page, 'Planned name').filter({ hasText: 'Meanwhile' }).waitFor()
  await apply(page, 'Sandbox')
  await plan(page).getByText('Nothing to change').waitFor()
  await here.docket.api('PATCH', `/case-templates/${template.id}`, { data: { attributes: { name: from } } })
  expectNoTroubles(visitor)
})

test('a file that is not a setup bundle is refused in a sentence, and a corrected one under the same name is read', async () => {
  const visitor = await here.visit({ expects: [422] })
  const { page } = visitor
  await atBundles(visitor)
  const yaml = await exported(page)
  for (const [text, sentence] of [
    ['name: A workflow\n', 'This is not a setup bundle: a setup bundle starts with `docket: bundle`'],
    ['docket: bundle\nversion: 2\n', /^Version 2 of setup bundles is not supported/],
    ['docket: bundle\nversion: 1\nworkflows: [', /./],
  ] as const) {
    await choose(page, text)
    await page.getByRole('alert').getByText(sentence).first().waitFor()
    expect(await plan(page).count()).toBe(0)
  }

  await choose(page, yaml)

  await plan(page).getByText('Nothing to change').waitFor()
  expect(await page.getByRole('alert').count()).toBe(0)
  expectNoTroubles(visitor)
})

test('a reference that the target lacks prevents the import and is named', async () => {
  const visitor = await here.visit()
  const { page } = visitor
  await atBundles(visitor)
  await choose(
    page,
    `docket: bundle
version: 1
workflows:
  - slug: lost
    name: Lost
    definition:
      trigger: {"on": [api], parameters: []}
      steps:
        - {id: open, do: case.create, with: {template: {"$slug": case-templates/none}}}
`,
  )

  const alert = plan(page).getByRole('alert')

  await alert.getByText('The bundle cannot be applied until these problems are solved.').waitFor()
  await alert
    .getByText(/lost, .+: case-templates\/none is neither in this environment nor in the setup bundle/)
    .waitFor()
  expect(await plan(page).getByRole('button', { name: 'Apply', exact: true }).isDisabled()).toBe(true)
  expectNoTroubles(visitor)
})

test('a bundle is exported and applied with the keyboard only', async () => {
  const visitor = await here.visit()
  const { page } = visitor
  await atBundles(visitor)
  await tabTo(page, 'button', 'Download')
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
  const [yaml] = renamed((await readFile(await download.path())).toString(), 'By keyboard')
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page
      .getByLabel('File', { exact: true })
      .focus()
      .then(() => page.keyboard.press('Enter')),
  ])
  await chooser.setFiles(fileOf(yaml))
  await tabTo(page, 'checkbox', 'Publish the workflows')
  await page.keyboard.press('Space')
  await changesOf(page, 'By keyboard').first().waitFor()

  await tabTo(page, 'button', 'Apply')
  await page.keyboard.press('Enter')
  const asked = page.getByRole('dialog', { name: 'Apply to Sandbox?' })
  await asked.getByText(/0 new, 1 changed/).waitFor()
  await page.keyboard.press('Escape')
  await asked.waitFor({ state: 'hidden' })
  await page.keyboard.press('Enter')
  await asked.waitFor()
  await tabTo(page, 'button', 'Apply')
  await page.keyboard.press('Enter')

  await plan(page).getByText('Nothing to change').waitFor()
  expectNoTroubles(visitor)
})

test('a person who may only read exports and is offered no import', async () => {
  const visitor = await here.visit()
  const { page } = visitor
  const withoutWrites = (_: string, value: unknown) =>
    Array.isArray(value) ? value.filter((one) => !/^(workflow|case_template)\.write$/.test(one)) : value
  await page.route(/\/api\/v1\/sessions?(\?|$)/, async (route) => {
    const response = await route.fetch()
    const text = await response.text()
    const body = text ? JSON.stringify(JSON.parse(text, withoutWrites)) : text
    await route.fulfill({ response, body })
  })
  await atBundles(visitor)

  await page.getByRole('button', { name: 'Download' }).waitFor()

  expect(await page.getByLabel('File', { exact: true }).count()).toBe(0)
})

for (const theme of ['light', 'dark'] as const) {
  test(`on a phone, ${theme}, a plan is read without scrolling sideways`, async () => {
    const visitor = await here.visit({ theme })
    const { page } = visitor
    await atBundles(visitor)
    await page.setViewportSize({ width: 390, height: 844 })
    const [yaml] = renamed(await exported(page), 'A case template with a name that needs more than one line')
    await choose(page, yaml)
    await plan(page).getByRole('table').first().waitFor()

    const cut = await page.getByRole('main').evaluate((main) => {
      const boxes = [...main.querySelectorAll('*')].map((one) => [one.className, one.getBoundingClientRect()] as const)
      return boxes.filter(([, box]) => box.width > 1 && box.right > innerWidth).map(([name]) => name)
    })

    expect(cut, 'nothing reaches past the edge').toEqual([])
    expect(await barriers(page)).toEqual([])
    expectNoTroubles(visitor)
  })
}

test('slugs are shown beside their objects and can be copied', async () => {
  const visitor = await here.visit()
  const { page } = visitor
  await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const copied = () => page.evaluate(() => navigator.clipboard.readText())
  const [template] = (await here.docket.api('GET', '/case-templates')).data
  const [status] = (await here.docket.api('GET', `/case-templates/${template.id}/statuses`)).data
  const [workflow] = (await here.docket.api('GET', '/workflows')).data
  await signIn(visitor, here.docket, `/cases/templates/${template.id}`)

  await page.getByRole('button', { name: `Copy ${template.attributes.slug}`, exact: true }).click()
  expect(await copied()).toBe(template.attributes.slug)
  await page.getByRole('button', { name: `Copy ${status.attributes.slug}`, exact: true }).click()
  expect(await copied()).toBe(status.attributes.slug)
  await visitor.goTo(`/workflows/${workflow.id}`)
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: `Copy slug ${workflow.attributes.slug}` }).click()
  await page.getByText(`The slug ${workflow.attributes.slug} was copied.`).waitFor()

  expect(await copied()).toBe(workflow.attributes.slug)
  expectNoTroubles(visitor)
})

import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type World, worldOf } from './harness/article'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor
let page: Page
let world: World
let runId: string

/** A workflow whose steps have every possible result. */
function definition({ status, foreign }: World) {
  const set = (id: string, name: string, to: string, more = {}) => ({
    id,
    name,
    do: 'case.update_status',
    with: { case: { ref: 'trigger' }, status: to },
    ...more,
  })
  return {
    trigger: { on: ['case.created'] },
    steps: [
      set('off', 'Turned off', status, { disabled: true }),
      set('over', 'Gone over', foreign, { on_error: 'continue' }),
      {
        id: 'split',
        name: 'Look at it',
        choose: [
          {
            label: 'Tagged',
            when: { all: [{ field: 'trigger.tags', is: 'contains', value: 'nobody has this tag' }] },
            steps: [set('passed', 'Passed by', status)],
          },
          { label: 'Else', steps: [set('done', 'Done well', status)] },
        ],
      },
      set('wrong', 'Gone wrong', foreign),
      set('never', 'Never come to', status),
    ],
  }
}

beforeAll(async () => {
  world = await worldOf(here.docket)
  const attributes = { name: 'Every way', definition: definition(world) }
  const workflow = (await here.docket.api('POST', '/workflows', { data: { attributes } })).data.id
  await here.docket.api('POST', `/workflows/${workflow}/publish`, {})
  world = await worldOf(here.docket)
  runId = (await here.docket.api('GET', '/workflow-runs?page[size]=1')).data[0].id
})

beforeEach(async () => {
  visitor = await here.visit()
  page = visitor.page
  await signIn(visitor, here.docket, `/runs/${runId}`)
  await card('Done well').waitFor()
})

const card = (title: string) =>
  page.getByRole('group', { name: 'Steps of the workflow' }).getByRole('button', { name: new RegExp(`^${title}`) })
const inspector = (name: string) => page.getByRole('complementary', { name })

test('the tree shows the result of every step', async () => {
  const went = async (title: string) => (await card(title).textContent()) ?? ''

  expect(await went('Turned off')).toContain('Skipped')
  expect(await went('Gone over')).toContain('Failed, continued')
  expect(await went('Look at it')).toContain('Done')
  expect(await went('Passed by')).toContain('Not reached')
  expect(await went('Done well')).toContain('Done')
  expect(await went('Gone wrong')).toContain('Failed')
  expect(await went('Never come to')).toContain('Not reached')
  expectNoTroubles(visitor)
})

test('the failed step is named at the top, with a sentence and a link to its input', async () => {
  const trouble = page.getByText('The run failed at Gone wrong.').locator('..').locator('..')
  await trouble.getByText(world.foreign).waitFor()
  await page.getByRole('button', { name: 'Gone wrong', exact: true }).click()

  const told = inspector('Gone wrong')
  await told.getByText(`status '${world.foreign}' is not one of the statuses of`).waitFor()
  await told.getByRole('region', { name: 'Input' }).getByText(world.foreign).waitFor()
  expect(new URL(page.url()).searchParams.get('step')).toBe('wrong')
  expectNoTroubles(visitor)
})

test('a completed step shows its input, output and events, and links to its case', async () => {
  await card('Done well').click()

  const told = inspector('Done well')
  await told.getByRole('region', { name: 'Input' }).getByText(world.caseId).waitFor()
  await told.getByRole('region', { name: 'Output' }).getByText('previous_status').waitFor()
  await told
    .getByRole('listitem')
    .filter({ hasText: `to ${world.status}` })
    .waitFor()
  await told.getByRole('link', { name: `View ${world.caseName}` }).click()
  await page.getByRole('heading', { level: 1, name: world.caseName }).waitFor()
  expectNoTroubles(visitor)
})

test('a failed step links to its case', async () => {
  await card('Gone wrong').click()

  await inspector('Gone wrong')
    .getByRole('link', { name: `View ${world.caseName}` })
    .click()

  await page.getByRole('heading', { level: 1, name: world.caseName }).waitFor()
  expectNoTroubles(visitor)
})

test('a conditional shows why it took its route', async () => {
  await card('Look at it').click()

  const told = inspector('Look at it')
  await told.getByText('Route taken: Else').waitFor()
  await told.getByRole('list', { name: 'Tagged' }).getByText('not met').waitFor()
})

test('on a phone the tree is above the inspector, and neither is cut', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await card('Gone wrong').click()

  const told = await inspector('Gone wrong').boundingBox()
  const tree = await page.getByRole('group', { name: 'Steps of the workflow' }).boundingBox()
  if (!told || !tree) throw new Error('it is not drawn')
  expect(told.y).toBeGreaterThanOrEqual(tree.y + tree.height)
  expect(tree.height).toBeGreaterThan(150)
  expect(told.x + told.width).toBeLessThanOrEqual(390)
  await page.getByRole('link', { name: `View ${world.caseName}` }).waitFor()
})

test('a tree wider than its container is dragged by its background', async () => {
  await page.setViewportSize({ width: 1024, height: 800 })
  const tree = page.getByRole('group', { name: 'Steps of the workflow' })
  await tree.evaluate((element) => element.scrollTo({ left: 0, top: 0 }))
  const place = await tree.boundingBox()
  if (!place) throw new Error('it is not drawn')

  await page.mouse.move(place.x + 200, place.y + 10)
  await page.mouse.down()
  await page.mouse.move(place.x + 50, place.y + 10, { steps: 5 })
  await page.mouse.up()
  await page.mouse.move(place.x + 150, place.y + 10)

  expect(await tree.evaluate((element) => element.scrollLeft)).toBe(150)
})

test('the run names its trigger, and links to it', async () => {
  const told = inspector('Run')
  const cause = told.getByRole('region', { name: 'Caused by' })

  await cause.getByText('created').waitFor()
  await cause.getByRole('link', { name: world.caseName }).click()

  await page.getByRole('heading', { level: 1, name: world.caseName }).waitFor()
  await page.getByRole('link', { name: 'Every way' }).first().waitFor()
  expectNoTroubles(visitor)
})

test('a step that was skipped or not reached says so', async () => {
  await card('Never come to').click()
  await inspector('Never come to').getByText('The run did not reach this step.').waitFor()
  await card('Turned off').click()
  await inspector('Turned off').getByText('This step is turned off, so the run skipped it.').waitFor()
})

test('the list shows the creator of a manual run like the run’s page', async () => {
  const attributes = {
    name: 'Started by hand',
    definition: { trigger: { on: ['api'], parameters: [{ name: 'note', type: 'string', required: true }] }, steps: [] },
  }
  const workflow = (await here.docket.api('POST', '/workflows', { data: { attributes } })).data.id
  await here.docket.api('POST', `/workflows/${workflow}/publish`, {})
  await visitor.goTo(`/workflows/${workflow}`)
  await page.getByRole('button', { name: 'Run now' }).click()
  await page.getByRole('dialog', { name: 'Run now' }).getByLabel('note').fill('by hand')

  await page.keyboard.press('Enter')

  await page.waitForURL(/\/runs\/wfr_/)
  await inspector('Run').getByTitle(here.docket.email).waitFor()
  await visitor.goTo(`/runs?workflow=${workflow}`)
  await page
    .getByRole('row')
    .filter({ has: page.getByTitle(here.docket.email) })
    .waitFor()
  expectNoTroubles(visitor)
})

test('a manual run accepts the key of a case where the workflow needs its id', async () => {
  const step = { id: 'move', do: 'case.update_status' }
  const attributes = {
    name: 'Moved by hand',
    definition: {
      trigger: { on: ['api'], parameters: [{ name: 'case_id', type: 'string', required: true }] },
      steps: [{ ...step, with: { case: { ref: 'trigger.fields.case_id' }, status: world.status } }],
    },
  }
  const workflow = (await here.docket.api('POST', '/workflows', { data: { attributes } })).data.id
  await here.docket.api('POST', `/workflows/${workflow}/publish`, {})
  await visitor.goTo(`/workflows/${workflow}`)
  await page.getByRole('button', { name: 'Run now' }).click()
  const asked = page.getByRole('dialog', { name: 'Run now' })
  await asked.getByLabel('case_id').fill(world.caseName)
  await asked.getByText(`The ID of ${world.caseName} is sent.`).waitFor()

  await asked.getByRole('button', { name: 'Run', exact: true }).click()

  await page.waitForURL(/\/runs\/wfr_/)
  await page.getByText('Completed', { exact: true }).first().waitFor()
  expectNoTroubles(visitor)
})

test('the list of a workflow without runs says so, and does not blame a filter', async () => {
  const attributes = { name: 'Not run yet', definition: { trigger: { on: ['api'], parameters: [] }, steps: [] } }
  const workflow = (await here.docket.api('POST', '/workflows', { data: { attributes } })).data.id

  await visitor.goTo(`/runs?workflow=${workflow}`)

  await page.getByRole('heading', { name: 'This workflow has not run yet' }).waitFor()
  await page.getByRole('button', { name: 'Show all runs' }).click()
  await page.getByRole('row').filter({ hasText: 'Every way' }).waitFor()
  expectNoTroubles(visitor)
})

import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Docket } from './docket'

/** The objects of the article's workflow: a case, and statuses of its template and of another one. */
export interface World {
  caseId: string
  /** The key of the case. */
  caseName: string
  /** A status that the case can have. */
  status: string
  /** A status that only cases of another template have. */
  foreign: string
}

type Named = { id: string; attributes: { name: string; type: string } }

/** Creates a case, and finds a status of its template and one of another template. */
export async function worldOf(docket: Docket): Promise<World> {
  const templates: Named[] = (await docket.api('GET', '/case-templates?page[size]=100')).data
  const statuses = await Promise.all(
    templates.map(async ({ id }) => (await docket.api('GET', `/case-templates/${id}/statuses`)).data as Named[]),
  )
  const names = statuses.map((list) => list.map((status) => status.attributes.name))
  const status = statuses[0]?.find(({ attributes }) => attributes.type === 'intermediate')?.attributes.name
  const foreign = names
    .slice(1)
    .flat()
    .find((name) => !names[0]?.includes(name))
  if (!templates[0] || !status || !foreign) throw new Error('the sample data has too few statuses for this story')
  const body = { data: { attributes: { caseTemplateId: templates[0].id } } }
  const { data } = await docket.api('POST', '/cases', body)
  return { caseId: data.id, caseName: data.attributes.name, status, foreign }
}

/** Checks through the API, not the screen, that the workflow is live as it was drawn. */
export async function expectPublished(docket: Docket, workflowId: string, status: string, continues: boolean) {
  const { data } = await docket.api('GET', `/workflows/${workflowId}`)
  expect(data.attributes.state).toBe('running')
  const [step, ...others] = data.attributes.publishedDefinition.steps
  expect(others).toEqual([])
  expect(step).toMatchObject({ do: 'case.update_status', with: { case: { ref: 'trigger' }, status } })
  expect(step.on_error).toBe(continues ? 'continue' : undefined)
}

/** Checks the result of the run: the case's new status, or an error after which the run continued. */
export async function expectOutcome(docket: Docket, page: Page, world: World, continues: boolean) {
  await page.waitForURL(/\/runs\/wfr_/)
  const runId = /wfr_[a-z0-9]+/.exec(page.url())?.[0]
  const [step] = (await docket.api('GET', `/workflow-runs/${runId}/steps`)).data
  const { data } = await docket.api('GET', `/cases/${world.caseId}`)
  if (continues) {
    await page.getByText('Completed with errors').first().waitFor()
    expect(step.attributes.state).toBe('continued')
    expect(step.attributes.error.code).toBe('unknown-status')
    expect(data.attributes.status).not.toBe(world.foreign)
  } else {
    await page.getByText('Done', { exact: true }).first().waitFor()
    expect(step.attributes.state).toBe('succeeded')
    expect(data.attributes.status).toBe(world.status)
  }
}

export function workflowIdOf(page: Page): string {
  const id = /wfl_[a-z0-9]+/.exec(page.url())?.[0]
  if (!id) throw new Error(`no workflow at ${page.url()}`)
  return id
}

const STOPS_MAX = 80

/** Presses Tab until the element with this role and name has the focus. */
export function tabTo(page: Page, role: Parameters<Page['getByRole']>[0], name: string | RegExp) {
  return tabToOne(page, page.getByRole(role, typeof name === 'string' ? { name, exact: true } : { name }))
}

/** Presses Tab until one of these has the focus. */
export async function tabToOne(page: Page, wanted: Locator) {
  await wanted.first().waitFor()
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    for (const one of await wanted.all()) {
      if (await one.evaluate((element) => element === document.activeElement)) return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${wanted}`)
}

import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectNoTroubles, signIn, type Visitor } from './harness/browser'
import { stage } from './harness/stage'

const here = stage()
let visitor: Visitor
let page: Page

/** The statuses of a template with rules: which may follow, and which need a comment. */
const STATUSES = [
  { name: 'New', type: 'initial', allowedNext: ['Looking', 'Ended'] },
  { name: 'Looking', type: 'intermediate' },
  { name: 'Stuck', type: 'intermediate', requireComment: true },
  { name: 'Ended', type: 'end', requireComment: true },
]
let templateId: string
let caseId: string
let caseName: string

beforeAll(async () => {
  const attributes = { name: 'Ruled', key: 'RULED', statuses: STATUSES }
  templateId = (await here.docket.api('POST', '/case-templates', { data: { attributes } })).data.id
})

async function openCase() {
  const { data } = await here.docket.api('POST', '/cases', { data: { attributes: { caseTemplateId: templateId } } })
  return { id: data.id as string, name: data.attributes.name as string }
}

const setElsewhere = (status: string, comment?: string) =>
  here.docket.api('POST', `/cases/${caseId}/set-status`, { meta: { status, comment } })

async function statusNow(): Promise<string> {
  return (await here.docket.api('GET', `/cases/${caseId}`)).data.attributes.status
}

const button = (name: string | RegExp) =>
  page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name })
const timeline = () => page.getByRole('region', { name: 'Timeline' })
const entry = (text: string) => timeline().getByRole('listitem').filter({ hasText: text })
const dialog = (name: string) => page.getByRole('dialog', { name })

describe('a case', () => {
  beforeEach(async () => {
    const opened = await openCase()
    caseId = opened.id
    caseName = opened.name
    visitor = await here.visit({ expects: [412, 422] })
    page = visitor.page
    await signIn(visitor, here.docket, `/cases/${caseId}`)
    await button('Set to Looking').waitFor()
  })

  test('offers the statuses that may follow, and no other', async () => {
    const offered = () =>
      page.getByRole('button', { name: /^Set to / }).evaluateAll((all) => all.map((one) => one.ariaLabel))

    expect(await offered()).toEqual(['Set to Looking', 'Set to Ended'])
    await button('Set to Looking').click()
    await button('Set to Stuck').waitFor()
    expect(await offered()).toEqual(['Set to New', 'Set to Stuck', 'Set to Ended'])
    expect(await statusNow()).toBe('Looking')
    expectNoTroubles(visitor)
  })

  test('is not resolved without a required comment, and keeps the one that was entered', async () => {
    await button('Set to Ended').click()
    const asked = dialog('Set to Ended')
    const confirm = asked.getByRole('button', { name: 'Set to Ended', exact: true })
    expect(await confirm.isDisabled(), 'nothing said yet').toBe(true)
    await asked.getByRole('textbox', { name: 'Comment' }).fill('   ')
    expect(await confirm.isDisabled(), 'blanks say nothing').toBe(true)

    await asked.getByRole('textbox', { name: 'Comment' }).fill('Looked into it, all is well')
    await confirm.click()

    await asked.waitFor({ state: 'detached' })
    await entry('set the status from New to Ended').getByText('Looked into it, all is well').waitFor()
    await entry('resolved the case').waitFor()
    expect(await statusNow()).toBe('Ended')
    expectNoTroubles(visitor)
  })

  /** Another person changes the status after this page was read and before the click. */
  async function decideSecond(theirs: string) {
    await page.route(
      `**/cases/${caseId}/set-status`,
      async (route) => {
        await setElsewhere(theirs)
        await route.continue()
      },
      { times: 1 },
    )
  }

  test('shows that another person decided first, keeps their decision, and can be decided again', async () => {
    await decideSecond('Looking')

    await button('Set to Looking').click()
    const refused = page.getByRole('alert').filter({ hasText: 'This was changed after you opened it' })
    await refused.getByText('set the status from New to Looking').waitFor()
    await refused.getByText(`${caseName} is Looking now.`).waitFor()
    await refused.getByText('Nothing of yours has been applied.').waitFor()
    await refused.getByRole('button', { name: 'Use the current version' }).click()
    await button('Set to New').click()

    await page.getByText(`${caseName} is now New`).waitFor()
    expect(await statusNow()).toBe('New')
    expect(await refused.count()).toBe(0)
    expectNoTroubles(visitor)
  })

  test('keeps a comment when another person decided first', async () => {
    await decideSecond('Looking')
    await button('Set to Ended').click()
    const asked = dialog('Set to Ended')
    await asked.getByRole('textbox', { name: 'Comment' }).fill('What I found')

    await asked.getByRole('button', { name: 'Set to Ended', exact: true }).click()
    const refused = asked.getByRole('alert').filter({ hasText: 'is Looking now' })
    await refused.waitFor()
    expect(await asked.getByRole('textbox', { name: 'Comment' }).inputValue()).toBe('What I found')
    const confirm = asked.getByRole('button', { name: 'Set to Ended', exact: true })
    expect(await confirm.isDisabled(), 'not before they have looked').toBe(true)
    await refused.getByRole('button', { name: 'Use the current version' }).click()
    await asked.getByRole('button', { name: 'Set to Ended', exact: true }).click()

    await entry('set the status from Looking to Ended').getByText('What I found').waitFor()
    expect(await statusNow()).toBe('Ended')
    expectNoTroubles(visitor)
  })

  test('shows a change by another person within a second', async () => {
    // The stream is open after a first change has arrived through it.
    await setElsewhere('Looking')
    await button('Set to New').waitFor()
    const begun = Date.now()

    await setElsewhere('Stuck', 'No answer')

    await entry('set the status from Looking to Stuck').getByText('No answer').waitFor()
    expect(Date.now() - begun).toBeLessThan(1000)
    expectNoTroubles(visitor)
  })

  test('keeps an unsent comment until it is sent with a status', async () => {
    const box = () => page.getByRole('textbox', { name: 'Add a comment' })
    await box().fill('Nobody answers the telephone')
    await page.getByText('Your note will be added.').waitFor()
    await visitor.goTo('/cases')
    await visitor.goTo(`/cases/${caseId}`)

    expect(await box().inputValue()).toBe('Nobody answers the telephone')
    await button('Set to Ended').click()
    const asked = dialog('Set to Ended')
    expect(await asked.getByRole('textbox', { name: 'Comment' }).inputValue()).toBe('Nobody answers the telephone')
    await asked.getByRole('button', { name: 'Set to Ended', exact: true }).click()

    await entry('set the status from New to Ended').getByText('Nobody answers the telephone').waitFor()
    expect(await box().inputValue()).toBe('')
    await page.reload()
    await box().waitFor()
    expect(await box().inputValue(), 'nothing of it is kept').toBe('')
    expectNoTroubles(visitor)
  })

  test('handles a double click once, and reports no conflict with itself', async () => {
    await button('Set to Looking').dblclick()
    await entry('set the status from New to Looking').waitFor()
    await button('Set to Stuck').waitFor()
    await button('Assign to me').dblclick()
    await entry('assigned it to').waitFor()

    await button('Unassign').waitFor()
    expect(await statusNow()).toBe('Looking')
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(await entry('unassigned it').count()).toBe(0)
    expectNoTroubles(visitor)
  })

  test('shows comments among the events, with their authors', async () => {
    await page.getByRole('textbox', { name: 'Add a comment' }).fill('Called the customer')
    await timeline().getByRole('button', { name: 'Comment', exact: true }).click()

    await entry('Called the customer').getByTitle(here.docket.email).waitFor()
    expect(await page.getByRole('textbox', { name: 'Add a comment' }).inputValue()).toBe('')
    const { data } = await here.docket.api('GET', `/cases/${caseId}/comments`)
    expect(data.map((comment: { attributes: { body: string } }) => comment.attributes.body)).toEqual([
      'Called the customer',
    ])
    for (const place of ['/', '/developers/events?name=case-comment.created']) {
      await visitor.goTo(place)
      const told = page.getByRole('main').locator('li, tr, [role=row]').filter({ hasText: caseName })
      await told
        .filter({ hasText: /commented on|case-comment/ })
        .first()
        .waitFor()
    }
    expectNoTroubles(visitor)
  })
})

test('a case can be read and decided in a narrow window: its key, then its status, the rest by scrolling', async () => {
  const opened = await openCase()
  for (const width of [390, 860]) {
    visitor = await here.visit()
    page = visitor.page
    await signIn(visitor, here.docket, `/cases/${opened.id}`)
    await page.setViewportSize({ width, height: 900 })
    const key = page.getByRole('heading', { level: 1, name: opened.name })
    await button('Set to Looking').waitFor()
    const placeOf = async (it: typeof key) => (await it.boundingBox()) ?? { y: Number.NaN, width: 0 }

    expect((await placeOf(key)).width, 'the key is read whole').toBeGreaterThan(40)
    const facts = page.getByRole('region', { name: 'Details' })
    expect((await placeOf(key)).y).toBeLessThan((await placeOf(facts)).y)
    expect((await placeOf(facts)).y, 'what is decided from stands first').toBeLessThan(
      (await placeOf(button('Set to Looking'))).y,
    )
    await page.mouse.move(width - 60, 600)
    await page.mouse.wheel(0, 5000)

    const comment = page.getByRole('textbox', { name: 'Add a comment' })
    await expect.poll(async () => (await placeOf(comment)).y).toBeLessThan(900)
  }
})

test('the timeline shows actor, change, time and run, and links to the run', async () => {
  const step = { id: 'look', name: 'Begin to look', do: 'case.update_status' }
  const definition = {
    trigger: { on: ['case.created'] },
    steps: [{ ...step, with: { case: { ref: 'trigger' }, status: 'Looking' } }],
  }
  const attributes = { name: 'Begin by itself', definition }
  const workflow = (await here.docket.api('POST', '/workflows', { data: { attributes } })).data.id
  await here.docket.api('POST', `/workflows/${workflow}/publish`, {})
  caseId = (await openCase()).id
  await here.docket.api('POST', `/workflows/${workflow}/archive`, {})
  visitor = await here.visit()
  page = visitor.page
  await signIn(visitor, here.docket, `/cases/${caseId}`)

  const moved = entry('set the status from New to Looking')
  await moved.getByText('Begin by itself').waitFor()
  expect(await moved.getByRole('time').count(), 'when').toBe(1)
  await moved.getByRole('link', { name: 'See the run' }).click()

  await page.getByRole('heading', { level: 1, name: 'Run of Begin by itself' }).waitFor()
  await page.getByRole('complementary', { name: 'Begin to look' }).waitFor()
  expectNoTroubles(visitor)
})

describe('the list of cases', () => {
  beforeEach(async () => {
    visitor = await here.visit()
    page = visitor.page
    await signIn(visitor, here.docket, '/cases')
    await rows().nth(1).waitFor()
  })

  const rows = () =>
    page
      .getByRole('table', { name: 'All Cases' })
      .getByRole('row')
      .filter({ has: page.getByRole('link') })
  const filter = (name: string) => page.getByRole('combobox', { name, exact: true })
  const search = () => page.getByRole('searchbox', { name: 'Find by key or id' })
  const address = () => Object.fromEntries(new URL(page.url()).searchParams)
  const texts = () => rows().allTextContents()

  test('keeps every filter in the address, also over a reload', async () => {
    await here.docket.api('POST', `/cases/${(await openCase()).id}/assign`, {
      meta: { userEmailAddress: here.docket.email },
    })
    const { name } = await openCase()

    await filter('Template').selectOption({ label: 'Ruled' })
    await filter('Status').selectOption({ label: 'New' })
    await filter('Assignee').selectOption({ label: 'No one' })
    await search().fill(name)

    await page.waitForURL((url) => url.searchParams.get('text') === name)
    expect(address()).toEqual({ template: templateId, status: 'New', assignee: 'none', text: name })
    await expect.poll(texts).toEqual([expect.stringContaining(name)])
    await page.reload()
    await rows().first().waitFor()
    expect(await texts()).toEqual([expect.stringContaining(name)])
    expect(await filter('Template').inputValue()).toBe(templateId)
    expect(await filter('Status').inputValue()).toBe('New')
    expect(await filter('Assignee').inputValue()).toBe('none')
    expect(await search().inputValue()).toBe(name)
    expectNoTroubles(visitor)
  })

  test('shows what is assigned to me', async () => {
    const mine = await openCase()
    await here.docket.api('POST', `/cases/${mine.id}/assign`, { meta: { userEmailAddress: here.docket.email } })

    await filter('Assignee').selectOption({ label: 'Me' })

    await page.getByRole('link', { name: mine.name, exact: true }).waitFor()
    const people = rows().getByTitle(here.docket.email)
    expect(await people.count()).toBe(await rows().count())
    expect(address()).toEqual({ assignee: 'me' })
  })

  test('offers only the statuses of the template that was chosen', async () => {
    await filter('Template').selectOption({ label: 'Ruled' })

    expect(await filter('Status').getByRole('option').allTextContents()).toEqual([
      'Any status',
      ...STATUSES.map(({ name }) => name),
    ])
  })

  test('shows that nothing matches, and clears the filters', async () => {
    await search().fill('there is no such case')
    await page.getByRole('button', { name: 'Clear filters' }).click()

    await rows().nth(1).waitFor()
    expect(address()).toEqual({})
    expect(await search().inputValue()).toBe('')
    expectNoTroubles(visitor)
  })

  test('loads further pages while scrolling, each case once', async () => {
    const asked: string[] = []
    page.on('request', (request) => request.url().includes('/cases?') && asked.push(request.url()))
    const all = await everyCase()
    const seen = new Set<string>()

    const list = page.getByRole('region', { name: 'All Cases' })
    const collect = async () => {
      for (const name of await rows().getByRole('link').allTextContents()) seen.add(name)
      await list.evaluate((element) => element.scrollBy(0, 400))
      return seen.size
    }

    await expect.poll(collect, { timeout: 20_000 }).toBe(all)
    expect(asked.length).toBeGreaterThan(1)
    for (const url of asked) expect(decodeURIComponent(url), 'by key, not by number').toContain('page[after]=')
    expectNoTroubles(visitor)
  })

  /** The number of cases, requested page by page. */
  async function everyCase(): Promise<number> {
    let count = 0
    let after = ''
    for (;;) {
      const { data } = await here.docket.api('GET', `/cases?page[size]=100${after}`)
      count += data.length
      if (data.length < 100) return count
      after = `&page[after]=${data.at(-1).id}`
    }
  }
})

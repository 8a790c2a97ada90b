import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core'
import { expect } from 'vitest'
import type { Docket } from './docket'

/** A browser for the stories of one file. */
export async function openBrowser(): Promise<Browser> {
  const isRoot = process.getuid?.() === 0
  return chromium.launch({
    executablePath: process.env.DOCKET_BROWSER || '/usr/bin/chromium',
    args: [
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-default-apps',
      '--disable-sync',
      '--no-first-run',
      // The browser's own sandbox is not available to root.
      ...(isRoot ? ['--no-sandbox'] : []),
    ],
  })
}

export type Theme = 'light' | 'dark'

/** A browser page of a story, with the problems that must not occur. */
export interface Visitor {
  page: Page
  context: BrowserContext
  /** Opens a path of Docket. */
  goTo(path: string): Promise<void>
  /** Waits until every request of the page has its response, and the page is drawn. */
  settled(): Promise<void>
  /**
   * Problems in the browser: errors in its console, requests to other hosts. Empty at the end of a successful story.
   */
  troubles: string[]
  leave(): Promise<void>
}

export interface Visit {
  theme?: Theme
  width?: number
  height?: number
  /** Statuses that this story provokes; the browser's log of them is not a trouble. */
  expects?: number[]
}

/** Opens a browser window without stored data. */
export async function visit(browser: Browser, docket: Docket, options: Visit = {}): Promise<Visitor> {
  const { theme = 'light', width = 1440, height = 900, expects = [] } = options
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce' })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    const isExpected = expects.some((status) => message.text().includes(`status of ${status}`))
    // Without a session the server responds with 401, from which the page sees that there is none.
    if (!isExpected && !message.text().includes('status of 401'))
      troubles.push(`console: ${message.text()} ${message.location().url}`)
  })
  context.on('request', (request) => {
    if (new URL(request.url()).origin !== docket.url) troubles.push(`another host: ${request.url()}`)
  })
  const underWay = asked(page)
  return {
    page,
    context,
    troubles,
    goTo: async (path) => {
      underWay.clear()
      await page.goto(`${docket.url}${path}`)
    },
    settled: async () => {
      // A response can make the page send more requests when it is drawn.
      for (let quiet = 0; quiet < 3; quiet += 1) {
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
        if (underWay.size > 0) quiet = -1
      }
    },
    leave: () => context.close(),
  }
}

/**
 * The requests of a page without a response yet. The end of a worker's request and of an event stream is never
 * reported.
 */
function asked(page: Page): Set<Request> {
  const underWay = new Set<Request>()
  page.on('request', (request) => {
    if (request.resourceType() !== 'eventsource' && !request.url().includes('.worker-')) underWay.add(request)
  })
  page.on('requestfinished', (request) => underWay.delete(request))
  page.on('requestfailed', (request) => underWay.delete(request))
  return underWay
}

/** Signs in through the form, and waits for Home. */
export async function signIn({ page, goTo }: Visitor, docket: Docket, to = '/') {
  await goTo(to)
  await page.getByLabel('E-mail address').fill(docket.email)
  await page.getByLabel('Password', { exact: true }).fill(docket.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
}

/** Expects that the browser reported no problems. */
export function expectNoTroubles(visitor: Visitor) {
  expect(visitor.troubles).toEqual([])
}

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { barriers } from './harness/axe'
import { signIn, type Theme, type Visitor, visit } from './harness/browser'
import { stage } from './harness/stage'
import { arrange, REFUSALS, routes, type Screen, STATES, type State, screens } from './screens'

const THEMES: Theme[] = ['light', 'dark']
/** The folder of pictures, if they are requested: `make screenshots`. */
const pictures = process.env.DOCKET_SCREENSHOTS

const here = stage()
let inside: Visitor
let outside: Visitor

beforeAll(async () => {
  inside = await visit(here.browser, here.docket)
  outside = await visit(here.browser, here.docket)
  await signIn(inside, here.docket)
  if (pictures) await mkdir(pictures, { recursive: true })
})

test('every route is in the table of screens', async () => {
  const listed = screens.map((screen) => screen.route)

  expect([...listed].sort()).toEqual((await routes()).sort())
})

for (const screen of screens) {
  describe(screen.route, () => {
    for (const state of STATES[screen.kind]) {
      test(`is without barriers when ${state}, light and dark`, async () => {
        const visitor = screen.isOutside ? outside : inside

        await open(visitor, screen, state)

        for (const theme of THEMES) {
          await put(visitor, theme)
          await picture(visitor, screen, state, theme)
          expect(await barriers(visitor.page), theme).toEqual([])
        }
      })
    }
  })
}

/** Shows the screen in a theme, and waits until its colors have settled. */
async function put({ page }: Visitor, theme: Theme) {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    await frame()
    await frame()
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished))
  })
}

async function open(visitor: Visitor, screen: Screen, state: State) {
  const { page, goTo } = visitor
  const address = (await screen.address?.(here.docket)) ?? screen.route
  await arrange(page, state)
  await goTo(address)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await come(visitor, state)
  await page.evaluate(() => document.fonts.ready)
}

/** Waits until the state is visible. */
async function come({ page, settled }: Visitor, state: State) {
  const isLoading = page.getByRole('status', { name: 'Loading…' }).first()
  if (state === 'loading') return isLoading.waitFor()
  const refusal = REFUSALS[state]
  if (refusal) return page.getByRole('heading', { name: refusal }).first().waitFor()
  await settled()
  await isLoading.waitFor({ state: 'detached' })
}

async function picture({ page }: Visitor, screen: Screen, state: State, theme: Theme) {
  if (!pictures) return
  const name = screen.route.replaceAll(/[/$]+/g, '-').replace(/^-|-$/g, '') || 'home'
  await page.screenshot({ path: join(pictures, `${name}.${state}.${theme}.png`) })
}

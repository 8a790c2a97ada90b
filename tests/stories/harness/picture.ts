import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

/** The folder of the guide's pictures, if they are to be made: `make pictures`. */
const folder = process.env.DOCKET_PICTURES

/** Takes a picture of the visible page, if pictures are requested; of its upper part if `height` is given. */
export async function picture(page: Page, name: string, height?: number) {
  if (!folder) return
  await mkdir(folder, { recursive: true })
  // Toasts are not part of the picture. They are dismissed without the pointer, which would close an open dialog.
  for (const toast of await page.getByRole('button', { name: 'Dismiss', includeHidden: true }).all())
    await toast.evaluate((button) => (button as HTMLButtonElement).click())
  await page.evaluate(async () => {
    await document.fonts.ready
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished))
  })
  const { width = 0 } = page.viewportSize() ?? {}
  await page.screenshot({
    path: join(folder, `${name}.png`),
    ...(height === undefined ? {} : { clip: { x: 0, y: 0, width, height } }),
  })
}

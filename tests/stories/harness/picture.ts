import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

/** Where the pictures of the guide go, when they are made again: `make pictures`. */
const folder = process.env.DOCKET_PICTURES

/** Makes a picture of what is to be seen, where pictures are wanted; of its upper part, where the rest is empty. */
export async function picture(page: Page, name: string, height?: number) {
  if (!folder) return
  await mkdir(folder, { recursive: true })
  // What was said in passing is not what the picture is of.
  // Without a pointer, which would close an open dialog.
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

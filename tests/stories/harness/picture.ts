import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

/** Where the pictures of the guide go, when they are made again: `make pictures`. */
const folder = process.env.DOCKET_PICTURES

/** Makes a picture of what is to be seen, where pictures are wanted. */
export async function picture(page: Page, name: string) {
  if (!folder) return
  await mkdir(folder, { recursive: true })
  // What was said in passing, and what the pointer happens to be over, is not what the picture is of.
  await page.evaluate(async () => {
    await document.fonts.ready
    await Promise.allSettled(document.getAnimations().map((animation) => animation.finished))
  })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** The accessibility problems of a page, one line each. */
export async function barriers(page: Page): Promise<string[]> {
  // Evaluated by the debugger, to which the page's content policy does not apply.
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const run = (window as unknown as { axe: typeof axe }).axe.run
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const { violations } = await run(document, { runOnly: { type: 'tag', values: tags } })
    return violations.flatMap((violation) =>
      violation.nodes.map(
        (node) =>
          `${violation.id}: ${violation.help} (${node.target.join(' ')}) ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`,
      ),
    )
  })
}

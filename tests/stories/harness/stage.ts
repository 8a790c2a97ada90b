import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { openBrowser, type Visit, type Visitor, visit } from './browser'
import { type Docket, startDocket } from './docket'

/** Shared by the stories of one file: a server with sample data, and a browser. */
export interface Stage {
  docket: Docket
  browser: Browser
  /** Opens a browser window without stored data; it is closed when the story ends. */
  visit(options?: Visit): Promise<Visitor>
}

/** Starts both before the first story of a file, and stops them after the last. */
export function stage(): Stage {
  const stage = {} as Stage
  let visitors: Visitor[] = []
  stage.visit = async (options) => {
    const visitor = await visit(stage.browser, stage.docket, options)
    visitors.push(visitor)
    return visitor
  }
  beforeAll(async () => {
    stage.docket = await startDocket()
    stage.browser = await openBrowser()
  })
  afterEach(async () => {
    for (const visitor of visitors) await visitor.leave()
    visitors = []
  })
  afterAll(async () => {
    await stage.browser?.close()
    await stage.docket?.stop()
  })
  return stage
}

import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const dist = new URL('../../web/dist/', import.meta.url)

interface Chunk {
  file: string
  imports?: string[]
}

const manifest: Record<string, Chunk> = JSON.parse(await readFile(new URL('.vite/manifest.json', dist), 'utf8'))

/** A chunk and everything that must be loaded before it runs. */
function closure(names: string[], known = new Set<string>()): Set<string> {
  for (const name of names) {
    if (known.has(name)) continue
    const chunk = manifest[name]
    if (!chunk) throw new Error(`the build has no ${name}`)
    known.add(name)
    closure(chunk.imports ?? [], known)
  }
  return known
}

/** The transfer size of the scripts, in kilobytes. */
async function weight(names: Iterable<string>): Promise<number> {
  let bytes = 0
  for (const name of names)
    bytes += gzipSync(await readFile(new URL(manifest[name]?.file ?? '', dist)), { level: 9 }).length
  return bytes / 1000
}

const HOME = ['index.html', 'src/app/shell/shell.tsx', 'src/features/home/home.tsx']
const home = closure(HOME)

const more = (screen: string) => [...closure([screen])].filter((name) => !home.has(name))

test('Home after the sign-in takes at most 170 KB of script', async () => {
  expect(await weight(home)).toBeLessThanOrEqual(170)
})

test('Cases take at most 60 KB more', async () => {
  const screens = ['src/features/cases/all-cases.tsx', 'src/features/cases/case-page.tsx']
  for (const screen of screens) expect(await weight(more(screen)), screen).toBeLessThanOrEqual(60)
})

test('the editor takes at most 90 KB more', async () => {
  expect(await weight(more('src/features/workflows/workflow-page.tsx'))).toBeLessThanOrEqual(90)
})

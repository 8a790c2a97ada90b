import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Marked, type Token } from 'marked'
import type { Plugin } from 'vite'

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url))
const STYLE = fileURLToPath(new URL('guide.css', import.meta.url))
/** The documents for users of Docket; the others are for its developers. */
const WANTED = /^(guide|reference)\/.*\.(md|png|json)$|^glossary\.md$/
const FIRST_PAGE = 'guide/README.html'

/**
 * Builds pages of the guide, which each Docket serves itself: `docs/guide/cases.md` becomes `docs/guide/cases.html`.
 */
export function guide(): Plugin {
  return {
    name: 'docket-guide',
    apply: 'build',
    async generateBundle() {
      for (const [name, source] of await files()) this.emitFile({ type: 'asset', fileName: `docs/${name}`, source })
    },
  }
}

async function files(): Promise<Map<string, string | Uint8Array>> {
  const entries = await readdir(DOCS, { recursive: true, withFileTypes: true })
  const all = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(DOCS, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
  const wanted = new Set(all.filter((name) => WANTED.test(name)))
  const made = new Map<string, string | Uint8Array>([['guide.css', await readFile(STYLE)]])
  for (const name of wanted) {
    const source = await readFile(join(DOCS, name))
    if (name.endsWith('.md')) made.set(addressOf(name), page(name, source.toString(), wanted))
    else made.set(name, source)
  }
  return made
}

const addressOf = (name: string) => name.replace(/\.md$/, '.html')

/** A complete page, with addresses relative to its own path. */
function page(name: string, markdown: string, wanted: Set<string>): string {
  const up = '../'.repeat(name.split('/').length - 1)
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? 'Docket'
  const marked = new Marked({ walkTokens: (token) => lead(token, name, wanted) })
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8" />',
    '<meta name="viewport" content="width=device-width, initial-scale=1" />',
    `<title>${title} · Docket</title>`,
    `<link rel="icon" href="${up}../icon.svg" /><link rel="stylesheet" href="${up}guide.css" />`,
    '</head><body>',
    `<nav aria-label="Guide"><a href="${up}../">Docket</a><a href="${up}${FIRST_PAGE}">Guide</a></nav>`,
    `<main>${marked.parse(markdown, { async: false })}</main>`,
    '</body></html>\n',
  ].join('\n')
}

/** Points a link to the page built from its file; a link to any other file becomes text. */
function lead(token: Token, from: string, wanted: Set<string>) {
  if (token.type !== 'link' || /^(#|\w+:)/.test(token.href)) return
  const [path = '', anchor] = token.href.split('#')
  const to = posix.join(dirname(from), path)
  if (wanted.has(to)) token.href = addressOf(path) + (anchor ? `#${anchor}` : '')
  else Object.assign(token, { type: 'text' })
}

/** The subset of Markdown that the pages of step types use: paragraphs, lists, emphasis and code. */

import { Fragment, type ReactNode } from 'react'

/** A text with its marks rendered; other characters are unchanged. */
export function Markdown({ text }: { text: string }) {
  return blocksOf(text).map((block, at) =>
    typeof block === 'string' ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no key but their index
      <p key={at}>{inline(block)}</p>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no key but their index
      <ul key={at}>
        {block.map((item) => (
          <li key={item}>{inline(item)}</li>
        ))}
      </ul>
    ),
  )
}

/** Paragraphs, and lists of items; continued lines are joined. */
function blocksOf(text: string): (string | string[])[] {
  const blocks: (string | string[])[] = []
  let isOpen = false
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    const last = blocks.at(-1)
    const item = /^[-*] +(.*)$/.exec(line)?.[1]
    if (line === '') isOpen = false
    else if (item !== undefined && Array.isArray(last)) last.push(item)
    else if (item !== undefined) blocks.push([item])
    else if (!isOpen || last === undefined) blocks.push(line)
    else if (Array.isArray(last)) last.push(`${last.pop()} ${line}`)
    else blocks[blocks.length - 1] = `${last} ${line}`
    if (line !== '') isOpen = true
  }
  return blocks
}

const MARKS = /(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*|\[[^\]]+\]\([^)]*\))/

function inline(text: string): ReactNode {
  return text.split(MARKS).map((part, at) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no key but their index
    return <Fragment key={at}>{at % 2 === 1 ? marked(part) : part}</Fragment>
  })
}

function marked(part: string): ReactNode {
  if (part.startsWith('`')) return <code>{part.slice(1, -1)}</code>
  if (part.startsWith('**')) return <strong>{inline(part.slice(2, -2))}</strong>
  if (part.startsWith('*')) return <em>{inline(part.slice(1, -1))}</em>
  // The target of a link exists in the guide, not here.
  return part.slice(1, part.indexOf(']'))
}

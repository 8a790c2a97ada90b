import { render } from '@testing-library/react'
import { expect, test } from 'vitest'
import { Markdown } from './markdown'

const drawn = (text: string) => render(<Markdown text={text} />).container.innerHTML

test('lines that follow each other are one paragraph, and an empty line begins another', () => {
  expect(drawn('Sets it.\n\nChoose the one\nand the other.\n')).toBe(
    '<p>Sets it.</p><p>Choose the one and the other.</p>',
  )
})

test('a list is rendered as one, with items that continue in the next line', () => {
  expect(drawn('Mind:\n\n- The first,\n  which goes on.\n- The second.\n\nAfter it.')).toBe(
    '<p>Mind:</p><ul><li>The first, which goes on.</li><li>The second.</li></ul><p>After it.</p>',
  )
})

test('a list may follow a paragraph directly', () => {
  expect(drawn('Mind:\n- this')).toBe('<p>Mind:</p><ul><li>this</li></ul>')
})

test('emphasis and code are rendered, also inside each other', () => {
  expect(drawn('Of type *end*, with **Continue on `error`**, see `<step>.error`.')).toBe(
    '<p>Of type <em>end</em>, with <strong>Continue on <code>error</code></strong>, see <code>&lt;step&gt;.error</code>.</p>',
  )
})

test('text without marks is unchanged', () => {
  expect(drawn('2 * 3 * 4, a * b, snake_case_name and <b>no tag</b>')).toBe(
    '<p>2 * 3 * 4, a * b, snake_case_name and &lt;b&gt;no tag&lt;/b&gt;</p>',
  )
  expect(drawn('`**not bold**`')).toBe('<p><code>**not bold**</code></p>')
})

test('a link is shown as its text', () => {
  expect(drawn('See [the guide](../guide.md).')).toBe('<p>See the guide.</p>')
})

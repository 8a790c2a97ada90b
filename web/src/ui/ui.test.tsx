import { fireEvent, render, renderHook, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { type ReactNode, useState } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { Checkbox } from './checkbox'
import { Dialog } from './dialog'
import { Field, Input } from './field'
import { FormDialog } from './form-dialog'
import { hueOf } from './hue'
import { listenToKeys, spell, useKeys } from './keys'
import { matches, stepTo } from './list-keys'
import { Menu, MenuItem } from './menu'
import { type Choice, found, Picker } from './picker'
import { ProblemState } from './states'
import { StatusChip } from './status-chip'
import { chooseTheme, chosenTheme } from './theme'
import { TooltipProvider } from './tooltip'

afterEach(() => {
  localStorage.clear()
  chooseTheme('system')
})

test('typed words match the beginnings of words', () => {
  expect(matches('upd st', 'Update Case Status')).toBeGreaterThan(0)
  expect(matches('status', 'Update Case Status')).toBeGreaterThan(0)
  expect(matches('pdate', 'Update Case Status')).toBe(0)
  expect(matches('KYC-11', 'KYC-11')).toBeGreaterThan(0)
  expect(matches('KYC-12', 'KYC-11')).toBe(0)
  expect(matches('', 'anything')).toBeGreaterThan(0)
  expect(matches('upd', 'Update')).toBeGreaterThan(matches('upd', 'Last update'))
})

test('words in brackets and quotation marks are found', () => {
  expect(matches('eu', 'Verification (EU)')).toBeGreaterThan(0)
  expect(matches('north', 'Korea, [North]')).toBeGreaterThan(0)
  expect(matches('(eu)', 'Verification (EU)')).toBeGreaterThan(0)
  expect(matches('us', 'Verification (EU)')).toBe(0)
})

test('the arrow keys wrap around a list', () => {
  expect(stepTo('ArrowDown', 2, 3)).toBe(0)
  expect(stepTo('ArrowUp', 0, 3)).toBe(2)
  expect(stepTo('End', 0, 3)).toBe(2)
  expect(stepTo('a', 0, 3)).toBeUndefined()
  expect(stepTo('ArrowDown', 0, 0)).toBeUndefined()
})

const choices: Choice[] = [
  { value: 'a', label: 'Open a file', group: 'File', synonyms: ['new case'] },
  { value: 'b', label: 'Close a file', group: 'File' },
  { value: 'c', label: 'Tag', group: 'Object', isDisabled: true },
]

test('a choice is found by its label, its group and its synonyms', () => {
  const values = (typed: string) => found(choices, typed).map((choice) => choice.value)

  expect(values('clo')).toEqual(['b'])
  expect(values('file')).toEqual(['a', 'b'])
  expect(values('new')).toEqual(['a'])
  expect(values('zzz')).toEqual([])
})

test('a picker is opened, searched and closed by keyboard', async () => {
  const onChange = vi.fn()
  render(
    <Field label="What">
      <Picker choices={choices} value={undefined} onChange={onChange} />
    </Field>,
  )

  await userEvent.click(screen.getByRole('combobox', { name: 'What' }))
  await userEvent.keyboard('clo{Enter}')

  expect(onChange).toHaveBeenCalledWith('b')
  expect(screen.queryByRole('listbox')).toBeNull()
})

test('a disabled choice can’t be chosen', async () => {
  const onChange = vi.fn()
  render(<Picker label="What" choices={choices} value="a" onChange={onChange} />)

  await userEvent.click(screen.getByRole('combobox', { name: 'What' }))
  await userEvent.keyboard('tag{Enter}')

  expect(onChange).not.toHaveBeenCalled()
})

test('a field names its control, and says what is wrong with it', () => {
  render(
    <Field label="Name" error="a name is needed">
      <Input />
    </Field>,
  )

  const input = screen.getByRole('textbox', { name: 'Name' })
  expect(input.getAttribute('aria-invalid')).toBe('true')
  expect(document.getElementById(input.getAttribute('aria-describedby') ?? '')?.textContent).toBe('A name is needed')
})

test('keys are spelled as bindings write them', () => {
  const key = (key: string, more = {}) =>
    spell({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more })

  expect(key('k', { ctrlKey: true })).toBe('mod+k')
  expect(key('K', { metaKey: true, shiftKey: true })).toBe('mod+shift+k')
  expect(key('?', { shiftKey: true })).toBe('?')
  expect(key('Enter', { ctrlKey: true })).toBe('mod+enter')
})

function Bound({ run }: { run: (which: string) => void }) {
  useKeys([
    { keys: 'g c', label: 'Cases', run: () => run('g c') },
    { keys: 'c', label: 'Create', run: () => run('c') },
    { keys: 'mod+k', label: 'Palette', whileTyping: true, run: () => run('mod+k') },
  ])
  return <input aria-label="Text" />
}

test('two keys in sequence are one shortcut, and typing is unaffected', () => {
  const ran: string[] = []
  const stop = listenToKeys()
  render(<Bound run={(which) => ran.push(which)} />)

  fireEvent.keyDown(document.body, { key: 'c' })
  fireEvent.keyDown(document.body, { key: 'g' })
  fireEvent.keyDown(document.body, { key: 'c' })
  fireEvent.keyDown(screen.getByLabelText('Text'), { key: 'c' })
  fireEvent.keyDown(screen.getByLabelText('Text'), { key: 'k', ctrlKey: true })
  stop()

  expect(ran).toEqual(['c', 'g c', 'mod+k'])
})

test('keys with Ctrl work wherever the focus is, on a checkbox too', async () => {
  const ran: string[] = []
  const stop = listenToKeys()
  render(
    <>
      <Publishing run={() => ran.push('publish')} />
      <Checkbox label="Continue" isChecked={false} onChange={() => ran.push('ticked')} />
    </>,
  )
  screen.getByRole('checkbox', { name: 'Continue' }).focus()

  await userEvent.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}')
  stop()

  expect(ran).toEqual(['publish'])
})

function Publishing({ run }: { run: () => void }) {
  useKeys([{ keys: 'mod+shift+enter', label: 'Publish', run }])
  return null
}

/** Renders inside the providers of the application. */
const renderInside = (inside: ReactNode) => render(inside, { wrapper: TooltipProvider })

function Opening() {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setIsOpen(true)}>
        Open
      </button>
      <Menu trigger={<button type="button">More</button>}>
        <MenuItem onSelect={() => setIsOpen(true)}>Open from here</MenuItem>
      </Menu>
      {isOpen && <Dialog isOpen title="Window" onClose={() => setIsOpen(false)} />}
    </>
  )
}

test('a closed dialog returns the focus to the button that opened it', async () => {
  renderInside(<Opening />)

  await userEvent.click(screen.getByRole('button', { name: 'Open' }))
  await screen.findByRole('dialog')
  await userEvent.keyboard('{Escape}')

  await waitFor(() => expect(document.activeElement?.textContent).toBe('Open'))
})

test('a dialog opened from a menu returns the focus to the button of the menu', async () => {
  renderInside(<Opening />)

  await userEvent.click(screen.getByRole('button', { name: 'More' }))
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Open from here' }))
  await screen.findByRole('dialog')
  await userEvent.keyboard('{Escape}')

  await waitFor(() => expect(document.activeElement?.textContent).toBe('More'))
})

test('Enter in a field of a form dialog submits it, and not again while it is busy', async () => {
  const onSubmit = vi.fn()
  const form = (isBusy: boolean) => (
    <FormDialog
      title="Form"
      description="Asks"
      leave="Close"
      deed="Do"
      isReady
      isBusy={isBusy}
      onSubmit={onSubmit}
      onClose={vi.fn()}
    >
      <input aria-label="First" />
      <input aria-label="Last" />
    </FormDialog>
  )
  const { rerender } = renderInside(form(false))

  await userEvent.type(screen.getByLabelText('Last'), 'x{Enter}')
  rerender(form(true))
  await userEvent.type(screen.getByLabelText('Last'), 'x{Enter}')

  expect(onSubmit).toHaveBeenCalledTimes(1)
})

test('every color of an organization is shown as a readable one', () => {
  expect(hueOf('#d97706')).toBe('orange')
  expect(hueOf('#16a34a')).toBe('green')
  expect(hueOf('#888888')).toBe('gray')
  expect(hueOf('teal')).toBe('teal')
  expect(hueOf('no colour')).toBeUndefined()
  expect(hueOf(null)).toBeUndefined()
})

test('a status has its type as text, not only as a color', () => {
  render(<StatusChip name="Anything" type="end" />)

  expect(screen.getByRole('img', { name: 'resolves the case' })).toBeTruthy()
})

test('a refusal shows the server’s sentence and the request’s id', () => {
  render(
    <ProblemState
      problem={{ kind: 'broken', status: 500, message: 'the database could not be read', requestId: 'req_7' }}
    />,
  )

  expect(screen.getByRole('alert').textContent).toContain('The database could not be read')
  expect(screen.getByRole('button', { name: 'Copy req_7' })).toBeTruthy()
})

test('a theme applies until the system’s is chosen again', () => {
  chooseTheme('dark')
  expect([chosenTheme(), localStorage.getItem('docket.theme')]).toEqual(['dark', 'dark'])

  chooseTheme('system')
  expect([chosenTheme(), localStorage.getItem('docket.theme')]).toEqual(['system', null])
})

test('a held key acts once', () => {
  const leave = listenToKeys()
  const run = vi.fn()
  renderHook(() => useKeys([{ keys: '2', label: 'Second', run }]))

  fireEvent.keyDown(window, { key: '2' })
  const again = fireEvent.keyDown(window, { key: '2', repeat: true })
  expect(run).toHaveBeenCalledTimes(1)
  expect(again, 'and types nothing').toBe(false)
  fireEvent.keyDown(window, { key: '2' })

  expect(run).toHaveBeenCalledTimes(2)
  leave()
})

test('a nearly full box shows its count', () => {
  const { rerender } = render(<Input aria-label="Name" maxLength={100} value={'a'.repeat(89)} readOnly />)
  expect(screen.queryByRole('status')).toBeNull()

  rerender(<Input aria-label="Name" maxLength={100} value={'a'.repeat(90)} readOnly />)
  expect(screen.getByRole('status').textContent).toBe('90 of 100 characters')
  rerender(<Input aria-label="Name" maxLength={100} value={'a'.repeat(100)} readOnly />)

  expect(screen.getByRole('status').textContent).toBe('100 characters is the limit. Longer text is cut off.')
})

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { expect, test, vi } from 'vitest'
import { type Sending, useChange } from './change'

/** A change whose requests the test answers. */
function begun() {
  const sent: { input: string; sending: Sending; answer: (said: string) => void }[] = []
  const outcome = vi.fn(async () => 'It is open now.')
  const onSuccess = vi.fn()
  const client = new QueryClient({ defaultOptions: { mutations: { networkMode: 'always' } } })
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  )
  const hook = renderHook(
    () =>
      useChange<string, string>({
        send: (input, sending) =>
          new Promise((answer, fail) => {
            sent.push({ input, sending, answer })
            sending.signal.addEventListener('abort', () => fail(new DOMException('stopped', 'AbortError')))
          }),
        outcome,
        onSuccess,
      }),
    { wrapper },
  )
  return { sent, outcome, onSuccess, hook, change: () => hook.result.current }
}

test('several clicks are one request', async () => {
  const { sent, onSuccess, change } = begun()

  act(() => {
    change().mutate('once')
    change().mutate('twice')
  })
  await waitFor(() => expect(sent).toHaveLength(1))
  act(() => change().mutate('thrice'))
  await act(async () => sent[0]?.answer('done'))

  await waitFor(() => expect(onSuccess).toHaveBeenCalledWith('done', 'once'))
  expect(sent).toHaveLength(1)
  expect(change().isPending).toBe(false)
})

test('a change cancelled before it was sent is not sent, and nothing is looked up', async () => {
  const { sent, outcome, change } = begun()

  act(() => {
    change().mutate('never')
    change().cancel()
  })
  await act(async () => {})

  expect(sent).toHaveLength(0)
  expect(outcome).not.toHaveBeenCalled()
})

test('a change cancelled in progress is stopped, and the current state is looked up', async () => {
  const { sent, outcome, onSuccess, change } = begun()
  act(() => change().mutate('maybe'))
  await waitFor(() => expect(sent).toHaveLength(1))

  act(() => change().cancel())

  expect(sent[0]?.sending.signal.aborted).toBe(true)
  await waitFor(() => expect(outcome).toHaveBeenCalled(), { timeout: 2000 })
  expect(onSuccess).not.toHaveBeenCalled()
  expect(change().error).toBeNull()
})

test('leaving the screen stops a change in progress, and no change with a response', async () => {
  const left = begun()
  act(() => left.change().mutate('left'))
  await waitFor(() => expect(left.sent).toHaveLength(1))
  const answered = begun()
  answered.onSuccess.mockImplementation(() => answered.hook.unmount())
  act(() => answered.change().mutate('answered'))
  await waitFor(() => expect(answered.sent).toHaveLength(1))

  left.hook.unmount()
  await act(async () => answered.sent[0]?.answer('done'))

  expect(left.sent[0]?.sending.signal.aborted).toBe(true)
  expect(answered.sent[0]?.sending.signal.aborted).toBe(false)
})

import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { Problem } from '../api/problem'
import { toast } from '../ui/toast'
import { words } from './words'

/** What a request carries so that it can be stopped, and so that sending it twice does it once. */
export interface Sending {
  signal: AbortSignal
  idempotencyKey: string
}

interface ChangeOptions<Output, Input> {
  send: (input: Input, sending: Sending) => Promise<Output>
  /** What is so now, in a sentence: said where the change was stopped after it had been sent. */
  outcome?: (input: Input) => Promise<string | undefined>
  onSuccess?: (output: Output, input: Input) => unknown
  onError?: (problem: Problem, input: Input) => unknown
  /** Whatever came of it: the place to ask for the object again. */
  onSettled?: () => unknown
}

export interface Change<Output, Input> {
  mutate: (input: Input, more?: { onSuccess?: (output: Output) => void }) => void
  /** Stops it, where it is under way, and forgets what came of it. */
  cancel: () => void
  reset: () => void
  isPending: boolean
  error: Problem | null
  /** What was asked for last. */
  asked: Input | undefined
}

/** So long after it was stopped, what Docket had received is done. */
const SETTLE_MS = 600

/**
 * A change that a person asks for. One at a time: a second click while it is under way does nothing. Leaving its screen
 * stops it, as Cancel does; what had been sent by then may have been received, so what is so now is looked up and said.
 */
export function useChange<Output, Input = void>(options: ChangeOptions<Output, Input>): Change<Output, Input> {
  const latest = useRef(options)
  latest.current = options
  const underWay = useRef<Flight<Input> | undefined>(undefined)
  const mutation = useMutation<Output, Problem, Flight<Input>>({
    mutationFn: async (flight) => {
      flight.controller.signal.throwIfAborted()
      flight.isSent = true
      const sending = { signal: flight.controller.signal, idempotencyKey: crypto.randomUUID() }
      return latest.current.send(flight.input, sending).finally(() => {
        flight.isAnswered = true
      })
    },
    onSuccess: (output, { input }) => latest.current.onSuccess?.(output, input),
    onError: (problem, { input }) => {
      if (problem instanceof Problem) return latest.current.onError?.(problem, input)
    },
    onSettled: (_, __, flight) => {
      if (underWay.current === flight) underWay.current = undefined
      return latest.current.onSettled?.()
    },
  })
  const stop = () => {
    const flight = underWay.current
    if (!flight || flight.isAnswered) return
    underWay.current = undefined
    flight.controller.abort()
    if (flight.isSent) sayOutcome(() => latest.current.outcome?.(flight.input))
  }
  const stopLatest = useRef(stop)
  stopLatest.current = stop
  useEffect(() => () => stopLatest.current(), [])
  return {
    mutate: (input, more) => {
      if (underWay.current) return
      const flight: Flight<Input> = { controller: new AbortController(), input, isSent: false, isAnswered: false }
      underWay.current = flight
      mutation.mutate(flight, more)
    },
    cancel: () => {
      stop()
      mutation.reset()
    },
    reset: mutation.reset,
    isPending: mutation.isPending,
    error: mutation.error instanceof Problem ? mutation.error : null,
    asked: mutation.variables?.input,
  }
}

interface Flight<Input> {
  controller: AbortController
  input: Input
  isSent: boolean
  /** There is nothing left to stop. */
  isAnswered: boolean
}

/** Says what is so, once what had been sent can be no longer under way. */
async function sayOutcome(outcome: () => Promise<string | undefined> | undefined) {
  await new Promise((done) => setTimeout(done, SETTLE_MS))
  const said = await Promise.resolve(outcome()).catch(() => undefined)
  toast.failed(words.stopped, { detail: said ?? words.stoppedUnknown })
}

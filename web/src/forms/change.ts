import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { Problem } from '../api/problem'
import { toast } from '../ui/toast'
import { words } from './words'

/** The signal to stop a request, and the key that makes a repeated request take effect once. */
export interface Sending {
  signal: AbortSignal
  idempotencyKey: string
}

interface ChangeOptions<Output, Input> {
  send: (input: Input, sending: Sending) => Promise<Output>
  /** The current state, in a sentence: shown after the change was stopped when it had already been sent. */
  outcome?: (input: Input) => Promise<string | undefined>
  onSuccess?: (output: Output, input: Input) => unknown
  onError?: (problem: Problem, input: Input) => unknown
  /** Called after every result: the place to request the object again. */
  onSettled?: () => unknown
}

export interface Change<Output, Input> {
  mutate: (input: Input, more?: { onSuccess?: (output: Output) => void }) => void
  /** Stops the change if it is in progress, and clears its result. */
  cancel: () => void
  reset: () => void
  isPending: boolean
  error: Problem | null
  /** The last input. */
  asked: Input | undefined
}

/** This long after the stop, the server has completed what it had received. */
const SETTLE_MS = 600

/**
 * A change requested by the user. One at a time: a second click while it is in progress has no effect. Leaving the
 * screen stops it, as Cancel does; a sent request may have been received, so the current state is shown.
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
  /** Whether the response has arrived, so that there is nothing to stop. */
  isAnswered: boolean
}

/** Shows the current state, once a request that was sent can't be in progress any more. */
async function sayOutcome(outcome: () => Promise<string | undefined> | undefined) {
  await new Promise((done) => setTimeout(done, SETTLE_MS))
  const said = await Promise.resolve(outcome()).catch(() => undefined)
  toast.failed(words.stopped, { detail: said ?? words.stoppedUnknown })
}

import { useEffect, useState } from 'react'
import { ago, exactly, isRecent, toTheSecond } from '../words/time'
import { Tooltip } from './tooltip'

const tick = { now: new Date(), listeners: new Set<() => void>() }
let clock: ReturnType<typeof setInterval> | undefined

/** The current time, updated every half minute for all components that show it. */
export function useNow(): Date {
  const [now, setNow] = useState(tick.now)
  useEffect(() => {
    const listener = () => setNow(tick.now)
    tick.listeners.add(listener)
    clock ??= setInterval(() => {
      tick.now = new Date()
      for (const tell of tick.listeners) tell()
    }, 30_000)
    return () => {
      tick.listeners.delete(listener)
      if (tick.listeners.size === 0) {
        clearInterval(clock)
        clock = undefined
      }
    }
  }, [])
  return now
}

/** The time to the second, and for a recent one how long ago it was. */
function exactAndAgo(moment: Date, now: Date): string {
  const exact = toTheSecond(moment, now)
  return isRecent(moment, now) ? `${exact} (${ago(moment, now)})` : exact
}

interface MomentProps {
  at: string | null | undefined
  /** Whether to show the exact time too. */
  isExact?: boolean
}

/** A time in relative form; the exact time with its time zone on hover. */
export function Moment({ at, isExact }: MomentProps) {
  useNow()
  if (!at) return null
  const [moment, now] = [new Date(at), new Date()]
  return (
    <Tooltip text={exactly(moment)}>
      <time dateTime={at}>{isExact ? exactAndAgo(moment, now) : ago(moment, now)}</time>
    </Tooltip>
  )
}

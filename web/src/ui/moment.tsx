import { useEffect, useState } from 'react'
import { ago, exactly, isRecent, toTheSecond } from '../words/time'
import { Tooltip } from './tooltip'

const tick = { now: new Date(), listeners: new Set<() => void>() }
let clock: ReturnType<typeof setInterval> | undefined

/** The present, moving every half minute for all that show it. */
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

/** The moment to the second, and how long ago that is as long as one says it so. */
function exactAndAgo(moment: Date, now: Date): string {
  const exact = toTheSecond(moment, now)
  return isRecent(moment, now) ? `${exact} (${ago(moment, now)})` : exact
}

interface MomentProps {
  at: string | null | undefined
  /** Shows the moment itself too, for where it is what one looks for. */
  isExact?: boolean
}

/** When something was, as one says it; the exact moment, with its time zone, on hover. */
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

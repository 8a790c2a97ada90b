import { useEffect, useState } from 'react'
import { ago, exactly } from '../words/time'
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

/** When something was, as one says it; the exact moment on hover. */
export function Moment({ at }: { at: string | null | undefined }) {
  useNow()
  if (!at) return null
  const moment = new Date(at)
  return (
    <Tooltip text={exactly(moment)}>
      <time dateTime={at}>{ago(moment, new Date())}</time>
    </Tooltip>
  )
}

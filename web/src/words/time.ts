import { locale } from './catalogue'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'narrow' })
const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
const dayOfYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' })
const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long' })
const second = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const secondOfYear = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const clock = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** A relative time: "5 min. ago", "yesterday", and the day if it is more than a week ago. */
export function ago(moment: Date, now: Date): string {
  const seconds = Math.round((moment.getTime() - now.getTime()) / 1000)
  const distance = Math.abs(seconds)
  if (distance < 45) return relative.format(0, 'second')
  if (distance < HOUR) return relative.format(Math.trunc(seconds / MINUTE) || Math.sign(seconds), 'minute')
  if (distance < DAY) return relative.format(Math.trunc(seconds / HOUR), 'hour')
  if (distance < 7 * DAY) return relative.format(Math.trunc(seconds / DAY), 'day')
  return moment.getFullYear() === now.getFullYear() ? day.format(moment) : dayOfYear.format(moment)
}

/** Whether a time is shown as relative, and not by its day. */
export const isRecent = (moment: Date, now: Date) => Math.abs(moment.getTime() - now.getTime()) < 7 * DAY * 1000

/** The exact time, with its time zone. */
export function exactly(moment: Date): string {
  return exact.format(moment)
}

/** The time to the second in a short form: "Nov 30, 14:05:09", with the year if it is another. */
export function toTheSecond(moment: Date, now: Date): string {
  return (moment.getFullYear() === now.getFullYear() ? second : secondOfYear).format(moment)
}

/** The time of day, to the second. */
export function timeOfDay(moment: Date): string {
  return clock.format(moment)
}

/** A day such as "Nov 24, 2026". */
export function dayOf(moment: Date): string {
  return dayOfYear.format(moment)
}

/** How long something took: "12 ms", "3.4 s", "2 min 5 s". */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`
  if (seconds < MINUTE) return `${Math.round(seconds * 10) / 10} s`
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min ${Math.round(seconds % MINUTE)} s`
  return `${Math.floor(seconds / HOUR)} h ${Math.floor((seconds % HOUR) / MINUTE)} min`
}

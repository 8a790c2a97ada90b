import { locale } from '../words/catalogue'
import { dayOf, exactly } from '../words/time'
import { words } from './words'

interface Value {
  key: string
  value: unknown
  /** The type from the template; derived from the value if there is none. */
  type?: string | undefined
}

export interface ValueInWords {
  key: string
  shown: string
}

const CURRENCY = /(^|[-_])currency([-_]code)?$/i
const CODE = /^[A-Za-z]{3}$/
const AMOUNT = /(^|[-_])(amount|total|price|fee|balance|value)([-_]|$)/i
const DAY = /^\d{4}-\d{2}-\d{2}$/
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/

/**
 * Values for display: numbers with thousands separators, an amount with the currency beside it, dates as days, yes and
 * no. The currency is shown with its amount and not repeated.
 */
export function valuesInWords(values: Value[]): ValueInWords[] {
  const currency = values.find(({ key, value }) => CURRENCY.test(key) && typeof value === 'string' && CODE.test(value))
  const amounts = values.filter(({ key, value }) => isNumber(value) && AMOUNT.test(key))
  return values
    .filter((value) => value !== currency || amounts.length === 0)
    .map(({ key, value, type }) => ({
      key,
      shown:
        currency && isNumber(value) && AMOUNT.test(key)
          ? money(Number(value), String(currency.value))
          : inWords(value, type),
    }))
}

/** The name of a transaction: its amount, otherwise its id. */
export function amountIn(fields: Record<string, unknown> | undefined): string | undefined {
  const values = Object.entries(fields ?? {}).map(([key, value]) => ({ key, value: plain(value) }))
  const hasCurrency = values.some(({ key, value }) => CURRENCY.test(key) && typeof value === 'string')
  const amount = values.find(({ key, value }) => AMOUNT.test(key) && isNumber(value))
  if (!hasCurrency || !amount) return undefined
  return valuesInWords(values).find(({ key }) => key === amount.key)?.shown
}

/** The plain value, if the API shows its type beside it. */
function plain(value: unknown): unknown {
  const typed = value as { type?: unknown; value?: unknown } | null
  return typeof typed === 'object' && typed !== null && 'value' in typed ? typed.value : value
}

const isNumber = (value: unknown) =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))

function money(amount: number, code: string): string {
  return new Intl.NumberFormat(locale, { style: 'currency', currency: code.toUpperCase() }).format(amount)
}

function inWords(value: unknown, type: string | undefined): string {
  if (Array.isArray(value)) return value.map((one) => inWords(one, type)).join(', ')
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (typeof value === 'number') return new Intl.NumberFormat(locale, { maximumFractionDigits: 20 }).format(value)
  if (typeof value === 'string' && type !== 'string') return dateInWords(value)
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')
}

function dateInWords(value: string): string {
  if (INSTANT.test(value) && !Number.isNaN(Date.parse(value))) return exactly(new Date(value))
  if (!DAY.test(value)) return value
  const [year = 0, month = 1, day = 1] = value.split('-').map(Number)
  // A calendar date is the same day everywhere.
  const date = new Date(2000, month - 1, day)
  date.setFullYear(year)
  return date.getMonth() === month - 1 && date.getDate() === day ? dayOf(date) : value
}

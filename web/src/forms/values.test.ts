import { expect, test } from 'vitest'
import { valuesInWords } from './values'

const inWords = (values: Record<string, unknown>, types: Record<string, string> = {}) =>
  Object.fromEntries(
    valuesInWords(Object.entries(values).map(([key, value]) => ({ key, value, type: types[key] }))).map(
      ({ key, shown }) => [key, shown],
    ),
  )

test('an amount is shown with its currency, and the currency is not repeated', () => {
  expect(inWords({ amount: 12500.5, currency: 'EUR' })).toEqual({ amount: '€12,500.50' })
  expect(inWords({ 'transaction-amount': '900', 'currency-code': 'usd' })).toEqual({ 'transaction-amount': '$900.00' })
})

test('a currency without an amount and an amount without a currency stay', () => {
  expect(inWords({ currency: 'EUR', name: 'Ada' })).toEqual({ currency: 'EUR', name: 'Ada' })
  expect(inWords({ amount: 12500 })).toEqual({ amount: '12,500' })
})

test('a calendar date is the same day everywhere, to the last there is', () => {
  expect(inWords({ birthdate: '1990-03-02' })).toEqual({ birthdate: 'Mar 2, 1990' })
  expect(inWords({ expires: '9999-12-31' })).toEqual({ expires: 'Dec 31, 9999' })
  expect(inWords({ odd: '2026-02-31' })).toEqual({ odd: '2026-02-31' })
})

test('text that the template calls text stays as it is', () => {
  expect(inWords({ note: '1990-03-02' }, { note: 'string' })).toEqual({ note: '1990-03-02' })
})

test('yes and no are words, and lists are read one after the other', () => {
  expect(inWords({ match: true, sanctioned: false })).toEqual({ match: 'Yes', sanctioned: 'No' })
  expect(inWords({ countries: ['IR', 'KP'] })).toEqual({ countries: 'IR, KP' })
})

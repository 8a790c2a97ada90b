import { expect, test } from 'vitest'
import { barriers } from './harness/axe'
import { expectNoTroubles, signIn } from './harness/browser'
import { picture } from './harness/picture'
import { stage } from './harness/stage'

const here = stage()

test('a period is previewed in words and switched on, and what is older says that its content was removed', async () => {
  const visitor = await here.visit()
  const { page } = visitor
  await signIn(visitor, here.docket, '/settings/retention')
  await page.getByText('Kept without limit').first().waitFor()
  expect(await barriers(page)).toEqual([])
  await picture(page, 'data-retention')

  await page.getByRole('button', { name: 'Change retention of event content' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change retention of event content' })
  await dialog.getByLabel('Retention').selectOption('Remove after a period')
  await dialog.getByLabel('Days').fill('1')
  await dialog.getByLabel('Days').press('Enter')
  const preview = dialog.getByRole('region', { name: 'What happens' })
  await preview.getByText(/events from before .* lose their content\./).waitFor()
  await preview.getByText("This can't be undone.").waitFor()
  await preview.getByText('The facts that they happened, who did it and when, stay.').waitFor()
  await preview.getByText('Every day, events older than 1 day follow.').waitFor()
  expect(await barriers(page)).toEqual([])
  await picture(page, 'data-retention-preview')
  const before = await here.docket.api('GET', '/retention-policy')
  expect(before.data.attributes.eventContentDays).toBeNull()
  await dialog.getByRole('button', { name: 'Switch on' }).click()
  await dialog.waitFor({ state: 'detached' })

  await page.getByText('1 day', { exact: true }).waitFor()
  await expect
    .poll(async () => (await here.docket.api('GET', '/retention-policy')).data.attributes.isWorking, {
      timeout: 60_000,
    })
    .toBe(false)
  await page.getByText(/events have lost their content so far/).waitFor()
  await picture(page, 'data-retention-switched-on')
  const [oldest] = (await here.docket.api('GET', '/events?filter[name]=case.created&page[size]=100')).data.slice(-1)
  await visitor.goTo(`/developers/events?event=${oldest.id}`)
  await page.getByText('Content removed by the retention policy on').waitFor()
  await picture(page, 'an-event-without-content')
  expectNoTroubles(visitor)
})

test('on a phone, in the dark and by keyboard, a period out of bounds is refused in words and a change is left', async () => {
  const visitor = await here.visit({ theme: 'dark', expects: [422] })
  const { page } = visitor
  await signIn(visitor, here.docket, '/settings/retention')
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Change retention of webhook receipts' }).focus()

  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Change retention of webhook receipts' })
  await dialog.getByLabel('Retention').selectOption('Remove after a period')
  await dialog.getByLabel('Days').fill('29')
  await page.keyboard.press('Enter')
  await dialog.getByText('send a whole number from 30 to 3650').waitFor()
  expect(await barriers(page)).toEqual([])
  await picture(page, 'data-retention-refused-on-a-phone')
  await dialog.getByLabel('Days').fill('30')
  await page.keyboard.press('Enter')
  await dialog.getByRole('region', { name: 'What happens' }).waitFor()
  await picture(page, 'data-retention-preview-on-a-phone')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  const policy = await here.docket.api('GET', '/retention-policy')
  expect(policy.data.attributes.receiptsDays).toBeNull()
  expect(
    await page
      .getByRole('button', { name: 'Change retention of webhook receipts' })
      .evaluate((it) => it === document.activeElement),
  ).toBe(true)
  expectNoTroubles(visitor)
})

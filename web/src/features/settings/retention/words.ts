import { catalogue, locale, number, plural } from '../../../words/catalogue'

const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' })
const minute = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' })

/** A day as people say it. Periods of days end with a day in UTC. */
export const dayOf = (at: string) => day.format(new Date(at))

const inHours = (at: string) => minute.format(new Date(at))

interface Counted {
  count: number
  isAtLeast: boolean
  before: string
}

/** A sentence about so many, or at least so many. */
const counted = ({ count, isAtLeast }: Counted, one: string, other: string) =>
  isAtLeast ? `At least ${number(count)} ${other}` : plural(count, { one: `# ${one}`, other: `# ${other}` })

const period = (value: number, unit: string) =>
  unit === 'hours'
    ? plural(value, { one: '# hour', other: '# hours' })
    : plural(value, { one: '# day', other: '# days' })

export const words = catalogue('retention', {
  title: 'Data retention',
  intro: (environment: string) =>
    `How long ${environment} keeps content. What happened, who did it and when is kept without limit.`,
  environments: { sandbox: 'Sandbox', production: 'Production' } as Record<string, string>,
  settings: 'Periods',
  kinds: {
    'event-content': {
      title: 'Event content',
      what: 'The details of each event, and the object as it was then.',
    },
    'run-history': {
      title: 'Run history',
      what: 'The trigger, inputs, outputs and error messages of workflow runs that have ended.',
    },
    receipts: {
      title: 'Webhook receipts',
      what: 'They prevent a webhook that is sent again from being recorded twice.',
    },
    answers: {
      title: 'Remembered responses',
      what: 'Responses to API requests with an Idempotency-Key, for when the request is repeated.',
    },
  } as Record<string, { title: string; what: string }>,
  kept: 'Kept without limit',
  period,
  removedSoFar: {
    'event-content': (count: number) =>
      plural(count, { one: '# event has lost its content so far.', other: '# events have lost their content so far.' }),
    'run-history': (count: number) =>
      plural(count, { one: '# run has lost its history so far.', other: '# runs have lost their history so far.' }),
    receipts: (count: number) =>
      plural(count, { one: '# receipt was deleted so far.', other: '# receipts were deleted so far.' }),
    answers: (count: number) =>
      plural(count, { one: '# response was deleted so far.', other: '# responses were deleted so far.' }),
  } as Record<string, (count: number) => string>,
  working: 'Docket is removing older content now.',
  change: 'Change…',
  changeOf: (title: string) => `Change retention of ${title.toLowerCase()}`,
  keep: 'Keep without limit',
  limit: 'Remove after a period',
  choice: 'Retention',
  length: (unit: string) => (unit === 'hours' ? 'Hours' : 'Days'),
  bounds: (least: number, most: number, unit: string) =>
    `From ${number(least)} to ${period(most, unit)}.${unit === 'days' ? ' Days end at midnight UTC.' : ''}`,
  cancel: 'Cancel',
  back: 'Back',
  preview: 'Preview',
  previewOf: 'What happens',
  unchanged: 'This is the current period.',
  switchOn: 'Switch on',
  switchOff: 'Keep from now on',
  saved: (title: string) => `${title}: the new period applies`,
  goes: {
    'event-content': (it: Counted) =>
      `${counted(it, 'event from', 'events from')} before ${dayOf(it.before)} ${it.count === 1 && !it.isAtLeast ? 'loses its' : 'lose their'} content.`,
    'run-history': (it: Counted) =>
      `${counted(it, 'run that', 'runs that')} ended before ${dayOf(it.before)} ${it.count === 1 && !it.isAtLeast ? 'loses its' : 'lose their'} trigger, inputs, outputs and error messages.`,
    receipts: (it: Counted) =>
      `${counted(it, 'receipt from', 'receipts from')} before ${dayOf(it.before)} ${it.count === 1 && !it.isAtLeast ? 'is' : 'are'} deleted.`,
    answers: (it: Counted) =>
      `${counted(it, 'response from', 'responses from')} before ${inHours(it.before)} ${it.count === 1 && !it.isAtLeast ? 'is' : 'are'} deleted.`,
  } as Record<string, (it: Counted) => string>,
  nothingYet: {
    'event-content': (before: string) => `No event from before ${dayOf(before)} has content: nothing is removed now.`,
    'run-history': (before: string) =>
      `No run that ended before ${dayOf(before)} has a history: nothing is removed now.`,
    receipts: (before: string) => `There is no receipt from before ${dayOf(before)}: nothing is deleted now.`,
    answers: (before: string) => `There is no response from before ${inHours(before)}: nothing is deleted now.`,
  } as Record<string, (before: string) => string>,
  oldest: (at: string) => `The oldest is from ${dayOf(at)}.`,
  follows: {
    'event-content': (length: string) => `Every day, events older than ${length} follow.`,
    'run-history': (length: string) => `Every day, runs that ended more than ${length} ago follow.`,
    receipts: (length: string) => `Every day, receipts older than ${length} follow.`,
    answers: (length: string) => `From then on, responses older than ${length} follow within ten minutes.`,
  } as Record<string, (length: string) => string>,
  stays: {
    'event-content': 'The facts that they happened, who did it and when, stay.',
    'run-history':
      'Which steps they did, when, and with what outcome, stays. Runs that have not ended keep their history.',
    receipts: 'The events that they stand for stay. A webhook that is sent again after that is recorded a second time.',
    answers: 'A request that is repeated after that is carried out a second time.',
  } as Record<string, string>,
  forGood: "This can't be undone.",
  ends: 'From now on nothing more is removed. What was removed does not come back.',
  longer: 'What was removed already does not come back.',
  defaultAnswers: 'Responses are deleted after 24 hours, as in every environment.',
})

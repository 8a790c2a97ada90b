import { catalogue } from '../words/catalogue'

export const words = catalogue('api', {
  /** The sentences for responses without one. */
  problems: {
    offline: 'You are offline. Nothing was sent, and nothing was changed.',
    unreachable: 'Docket did not answer, so it is not known whether this was done. Check before you try again.',
    'signed-out': 'Your session has ended. Sign in and try again.',
    forbidden: 'You do not have permission to do this.',
    'not-found': 'This does not exist, or no longer does.',
    conflict: 'This was changed at the same time. Load it again.',
    stale: 'This was changed since you opened it. Load it again.',
    invalid: 'Docket did not accept this.',
    busy: 'Docket is busy. Try again in a moment.',
    broken: 'Something went wrong in Docket.',
  },
})

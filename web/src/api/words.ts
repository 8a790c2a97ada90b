import { catalogue } from '../words/catalogue'

export const words = catalogue('api', {
  /** What is said of an answer that brings no sentence of its own. */
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
  /** What a permission lets one do, as people say it. */
  permissions: {
    'account.read': 'View accounts',
    'account.write': 'Create and change accounts',
    'case.read': 'View cases',
    'case.write': 'Create, change and decide cases',
    'case_template.read': 'View case templates',
    'case_template.write': 'Create and change case templates',
    'event.read': 'View events',
    'inquiry.read': 'View inquiries',
    'inquiry.write': 'Create and decide inquiries',
    'workflow.read': 'View workflows and runs',
    'workflow.write': 'Create, change and publish workflows',
    'workflow.trigger': 'Run workflows',
    'workflow.grant': 'Publish workflows that change cases, accounts and inquiries',
    'source.ingest': 'Receive webhooks',
    'source.read': 'View sources',
    'source.write': 'Create sources and their secrets',
    'api_key.read': 'View API keys',
    'api_key.write': 'Create and expire API keys',
    'user.read': 'View people',
    'user.write': 'Add people and change their roles',
  } as Record<string, string>,
  lacks: (what: string) =>
    `You do not have the permission “${what}”. An administrator can give you a role that has it.`,
})

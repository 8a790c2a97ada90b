import { catalogue } from '../words/catalogue'

/** The texts of redaction; separate, so that only pages that redact load them. */
export const words = catalogue('redact', {
  redact: 'Redact…',
  redactDeed: 'Redact',
  redactTitle: (name: string) => `Redact ${name}?`,
  redactHint: 'Its personal information is permanently deleted. This cannot be undone.',
  redacted: (name: string) => `${name} was redacted`,
  wasRedacted: 'The personal information was redacted on',
  redactGoes: 'Deleted',
  redactStays: 'Kept',
  redactGoesOf: {
    account: () => [
      'Fields, tags and the reference of the account',
      'Its inquiries, with their verifications, reports, documents and selfies',
      'Copies of these in events, workflow runs and remembered API responses',
    ],
    inquiry: () => [
      'Fields, tags and the note of the inquiry',
      'Its verifications, reports, documents and selfies',
      'Copies of these in events, workflow runs and remembered API responses',
    ],
    case: () => [
      'Fields, tags, files and comments of the case',
      'Copies of these in events, workflow runs and remembered API responses',
    ],
  },
  redactStaysOf: {
    account: () => [
      'What happened, when, and who did it',
      'The cases about this account, with what their own fields and comments say',
    ],
    inquiry: () => [
      'What happened, when, and who did it',
      'The account, and the cases about this inquiry, with what their own fields and comments say',
    ],
    case: () => ['What was decided, when, and by whom', 'The accounts, inquiries and other objects in the case'],
  },
})

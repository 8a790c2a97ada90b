import { catalogue } from '../../words/catalogue'

export const words = catalogue('objects', {
  accounts: 'Accounts',
  account: 'Account',
  inquiries: 'Inquiries',
  inquiry: 'Inquiry',
  empty: 'No accounts yet',
  emptyHint:
    'An account gathers what is known of one person or business. Accounts come with inquiries, or through the API.',
  noInquiries: 'No inquiries yet',
  noInquiriesHint:
    'An inquiry is one try of somebody to prove who they are. They come from a vendor’s webhooks, or through the API.',
  reference: 'Reference',
  name: 'Name',
  type: 'Type',
  status: 'Status',
  created: 'Created',
  updated: 'Updated',
  completed: 'Completed',
  id: 'Id',
  template: 'Template',
  tags: 'Tags',
  searchByReference: 'Find by reference',
  facts: 'Details',
  fields: 'Fields',
  noFields: 'Nothing is known of it yet.',
  cases: 'Cases',
  noCases: 'No case holds it.',
  history: 'What happened',
  noEvents: 'Nothing has happened yet',
  noEventsHint: 'What happens to it is written down, and appears here.',
})

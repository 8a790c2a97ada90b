import { catalogue } from '../../words/catalogue'

export const words = catalogue('objects', {
  accounts: 'Accounts',
  account: 'Account',
  inquiries: 'Inquiries',
  inquiry: 'Inquiry',
  empty: 'No accounts yet',
  emptyHint:
    'An account gathers what is known of one person or business. Accounts come with inquiries, or through the API.',
  reference: 'Reference',
  name: 'Name',
  type: 'Type',
  status: 'Status',
  created: 'Created',
  searchByReference: 'Find by reference',
  soon: 'This screen is being built.',
})

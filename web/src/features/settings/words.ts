import { catalogue } from '../../words/catalogue'

export const words = catalogue('settings', {
  profile: 'Profile',
  organization: 'Organization',
  people: 'People',
  soon: 'This screen is being built.',
})

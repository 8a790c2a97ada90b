import { catalogue } from '../../words/catalogue'

export const words = catalogue('developers', {
  apiKeys: 'API Keys',
  events: 'Events',
  sources: 'Sources',
  openapi: 'OpenAPI',
  soon: 'This screen is being built.',
})

import { catalogue } from '../../words/catalogue'

export const words = catalogue('cases', {
  allCases: 'All Cases',
  case: 'Case',
  caseTemplates: 'Case Templates',
  caseTemplate: 'Case template',
  soon: 'This screen is being built.',
})

import { catalogue } from '../../words/catalogue'

export const words = catalogue('workflows', {
  allWorkflows: 'All Workflows',
  workflow: 'Workflow',
  runs: 'Runs',
  run: 'Run',
  soon: 'This screen is being built.',
})

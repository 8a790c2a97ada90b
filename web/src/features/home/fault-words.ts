import { catalogue, plural } from '../../words/catalogue'
export const words = catalogue('faults', {
  aRun: 'A run',
  faults: (count: number) => plural(count, { one: '# item needs attention', other: '# items need attention' }),
  aWorkflow: 'A workflow',
  stuckRun: (reason: string) => `The run can't continue: ${reason}`,
  unjudged: (reason: string) => `Docket can't evaluate this workflow: ${reason}`,
  retry: 'Retry',
  retried: 'The run is being retried',
})

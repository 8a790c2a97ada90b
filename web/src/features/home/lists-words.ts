import { catalogue, plural } from '../../words/catalogue'

export const words = catalogue('home-lists', {
  aRun: 'A run',
  attentionEmpty: 'No failed runs',
  attentionEmptyHint: 'Runs with a failed step appear here, with the reason.',
  acknowledge: (run: string) => `Hide the failed run of ${run}`,
  acknowledgeAll: 'Hide all',
  acknowledged: (count: number) => plural(count, { one: '# failed run hidden', other: '# failed runs hidden' }),
  undo: 'Undo',
  at: (step: string) => `at ${step}`,
  allRuns: 'All runs',
  latestEmpty: 'No changes yet',
  latestEmptyHint: 'Every change is recorded and appears here.',
  allEvents: 'All events',
  failed: 'Failed',
  withErrors: 'Completed with errors',
})

import { catalogue, plural } from '../../words/catalogue'

export const words = catalogue('home', {
  title: 'Home',
  welcome: (name: string) => `Welcome, ${name}`,
  start: 'Get to know Docket',
  startHint: 'Five things to try, about ten minutes. Each is checked off when you complete it.',
  allDone: 'All done. The guide, in the menu under your name, explains more.',
  close: 'Close',
  progress: (done: number, of: number) => `${done} of ${of} done`,
  dismiss: 'Hide this',
  done: 'Done',
  steps: {
    'open-case': { title: 'View a case', hint: 'See its fields, its objects and its timeline.' },
    'change-status': { title: 'Change its status', hint: 'The timeline shows who changed it, when and why.' },
    'open-workflow': { title: 'View a workflow', hint: 'The steps that process cases automatically.' },
    'run-workflow': { title: 'Run it', hint: 'See what each step does.' },
    'publish-workflow': { title: 'Publish a change', hint: 'Edit the draft, then publish it.' },
  },
  goToCases: 'Go to cases',
  goToWorkflows: 'Go to workflows',
  mine: 'My unresolved cases',
  mineEmpty: 'No cases assigned to you',
  mineEmptyHint: 'Unresolved cases that are assigned to you appear here.',
  allCases: 'All cases',
  attention: 'Failed runs',
  latest: 'Latest changes',
  count: (count: number) => plural(count, { one: '# case', other: '# cases' }),
})

import { catalogue, plural } from '../../words/catalogue'

const ROLES: Record<string, string> = {
  admin: 'Administrator',
  developer: 'Developer',
  builder: 'Builder',
  analyst: 'Analyst',
  viewer: 'Viewer',
}

export const words = catalogue('settings', {
  profile: 'Profile',
  name: 'Name',
  email: 'E-mail address',
  environment: 'Environment',
  environments: { sandbox: 'Sandbox', production: 'Production' } as Record<string, string>,
  permissions: 'You can',
  organization: 'Organization',
  plan: 'Plan',
  plans: {
    startup: 'Startup Program',
    essential: 'Essential Plan',
    growth: 'Growth Plan',
    enterprise: 'Enterprise Plan',
  } as Record<string, string>,
  yours: 'yours',
  availability: { available: 'Available', limited: 'Limited', unavailable: 'Not available' } as Record<string, string>,
  stepsByPlan: 'Steps by plan',
  step: 'Step',
  people: 'People',
  since: 'Since',
  role: 'Role',
  roles: ROLES,
  roleHints: {
    admin: 'Can do everything, including adding people and changing their roles.',
    developer:
      'Connects other programs with API keys and sources, and runs workflows. Sees cases but can’t change them.',
    builder: 'Edits, publishes and runs workflows, and edits case templates. Sees cases but can’t change them by hand.',
    analyst: 'Works on cases, accounts and inquiries. Sees workflows but can’t change them.',
    viewer: 'Sees cases, accounts, inquiries, events, templates and workflows. Changes nothing.',
  } as Record<string, string>,
  standing: 'Status',
  active: 'Active',
  invited: 'Invited',
  deactivated: 'Deactivated',
  addPerson: 'Add person',
  addHint: 'You get a link with which they choose a password. Docket sends no email, so give them the link yourself.',
  addPersonDeed: 'Add',
  fullName: 'Name',
  cancel: 'Cancel',
  linkFor: (name: string) => `Link for ${name}`,
  deedsOf: (name: string) => `Change ${name}`,
  makeRole: (role: string) => `Make ${role.toLowerCase()}`,
  makeAdmin: 'Make administrator…',
  adminTitle: (name: string) => `Make ${name} an administrator?`,
  adminHint: (name: string) =>
    `${name} will be able to do everything in this organization, in Sandbox and Production: decide cases, change workflows and templates, create API keys, add people, and change or deactivate anyone, including you.`,
  adminDeed: 'Make administrator',
  newLink: 'New password link',
  history: 'History',
  historyOf: (name: string) => `History of ${name}`,
  noHistory: 'No history yet',
  noHistoryHint: 'Changes made before this version of Docket were not recorded.',
  what: 'Change',
  who: 'By',
  when: 'When',
  happened: (name: string, context: Record<string, unknown>): string => {
    const role = (value: unknown) => ROLES[String(value)] ?? String(value)
    switch (name) {
      case 'user.created':
        return `Added as ${role(context.role)}`
      case 'user.invited':
        return 'Given a link to choose a password'
      case 'user.renamed':
        return `Renamed from ${context.from} to ${context.to}`
      case 'user.role-updated':
        return `Role changed from ${role(context.from)} to ${role(context.to)}`
      case 'user.deactivated':
        return 'Deactivated'
      case 'user.reactivated':
        return 'Reactivated'
      default:
        return name
    }
  },
  deactivate: 'Deactivate…',
  deactivateTitle: (name: string) => `Deactivate ${name}?`,
  deactivateHint:
    'They are signed out and their API keys stop working. Their past actions keep their name. You can reactivate them later.',
  deactivateDeed: 'Deactivate',
  giveAway: 'Reassign open cases…',
  giveAwayTitle: (name: string) => `Reassign the open cases of ${name}`,
  giveAwayHint: 'Each case records who reassigned it.',
  giveAwayDeed: 'Reassign',
  openCases: (count: number, areMore: boolean, environment: string) =>
    count === 0
      ? `No open case in ${environment} is assigned to them.`
      : `${areMore ? 'More than ' : ''}${plural(count, { one: '# open case', other: '# open cases' })} in ${environment} ${count === 1 ? 'is' : 'are'} assigned to them. Cases in your other environment are handled there.`,
  seeCases: 'See their cases',
  whatOfCases: 'Open cases',
  caseChoices: {
    leave: 'Leave them assigned',
    unassign: 'Unassign them',
    reassign: 'Reassign them to another person',
  },
  reassignTo: 'Reassign to',
  choosePerson: 'Choose a person',
  noOtherPerson: 'No other active person',
  casesGivenAway: 'The open cases are reassigned.',
  casesTold: (moved: number, left: number) =>
    [
      moved > 0 && `${plural(moved, { one: '# case was', other: '# cases were' })} reassigned.`,
      left > 0 && `${plural(left, { one: '# open case stays', other: '# open cases stay' })} assigned to them.`,
    ]
      .filter(Boolean)
      .join(' '),
  stillAssigned: (count: number, areMore: boolean) =>
    `${areMore ? 'more than ' : ''}${plural(count, { one: '# open case', other: '# open cases' })}`,
  reactivate: 'Reactivate',
  changed: (name: string) => `${name} was changed.`,
  nowDeactivated: (name: string) => `${name} was deactivated.`,
  nowActive: (name: string) => `${name} was reactivated and can sign in again.`,
  notChanged: (name: string) => `${name} was not changed`,
  changedMeanwhile:
    'Someone else changed this person after you opened the menu. Check the current version and try again.',
  isNow: (name: string, role: string, isActive: boolean) =>
    `${name} is now ${isActive ? 'active' : 'deactivated'}, with the role ${role}.`,
  noPeople: 'No people',
  noPeopleHint: 'People of your organization sign in with their e-mail address.',
})

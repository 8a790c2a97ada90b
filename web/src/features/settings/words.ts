import { catalogue } from '../../words/catalogue'

export const words = catalogue('settings', {
  profile: 'Profile',
  name: 'Name',
  email: 'E-mail address',
  environment: 'Environment',
  environments: { sandbox: 'Sandbox', production: 'Production' } as Record<string, string>,
  permissions: 'You may',
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
  noPeople: 'Nobody is here',
  noPeopleHint: 'People of your organization sign in with their e-mail address.',
})

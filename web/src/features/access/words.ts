import { catalogue } from '../../words/catalogue'

export const words = catalogue('access', {
  product: 'Docket',
  signIn: 'Sign in',
  signInTitle: 'Sign in to Docket',
  email: 'E-mail address',
  password: 'Password',
  organization: 'Organization',
  whichOrganization: 'You belong to several organizations. Which one is it?',
  show: 'Show password',
  hide: 'Hide password',
  setUp: 'Set up Docket',
  setUpHint: 'You are the first one here. This takes a minute, and happens once.',
  token: 'Set-up token',
  tokenHint: 'Docket printed it with its address when it started.',
  organizationHint: 'The business that uses this Docket.',
  passwordHint: 'At least 8 characters.',
  sampleData: 'Add sample data',
  sampleDataHint: 'Cases, accounts and workflows to try things on, in the sandbox only.',
  create: 'Set up',
  creating: 'Making your organization and its sample data. This takes a few seconds.',
  invitation: 'Choose a password',
  invitationHint: (organization: string | undefined) =>
    organization
      ? `You were added to ${organization} in Docket.`
      : 'Somebody of your organization added you to Docket.',
  goodUntil: 'Good until',
  endedTitle: 'This link is good no more',
  goIn: 'Choose and sign in',
  noLinkTitle: 'This link is not whole',
  noLinkHint: 'Open the whole link that you were given, or ask an administrator for another.',
  alreadyTitle: 'Docket is set up already',
  alreadyHint: 'Somebody has done this. Sign in, or ask them to add you.',
})

import { catalogue } from '../words/catalogue'

export const words = catalogue('forms', {
  system: 'Docket',
  workflow: 'A workflow',
  apiKey: 'An API key',
  somebody: 'Somebody',
  /** What happened, by the event's name; what it happened to stands behind. */
  events: {
    'case.created': 'opened',
    'case.status-updated': 'set the status of',
    'case.resolved': 'resolved',
    'case.reopened': 'reopened',
    'case.updated': 'changed',
    'case.updated-fields': 'changed the fields of',
    'case.updated-tags': 'changed the tags of',
    'case.assigned': 'assigned',
    'case.unassigned': 'unassigned',
    'case-comment.created': 'commented on',
    'workflow.published': 'published',
    'workflow-run.created': 'started a run of',
    'workflow-run.completed': 'completed a run of',
    'workflow-run.errored': 'failed in a run of',
    'account.created': 'added',
    'inquiry.created': 'received',
    'inquiry.completed': 'saw completed:',
    'inquiry.approved': 'approved',
    'inquiry.declined': 'declined',
  } as Record<string, string>,
  otherEvent: (name: string) => `recorded ${name} on`,
  statusTo: (to: string) => `to ${to}`,
})

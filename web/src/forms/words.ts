import { catalogue } from '../words/catalogue'

export const words = catalogue('forms', {
  once: 'Copy it now: it is shown only once.',
  close: 'Close',
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
    'workflow-run.created': 'began',
    'workflow-run.completed': 'completed',
    'workflow-run.errored': 'stopped with an error in',
    'workflow-run.resumed': 'resumed',
    'account.created': 'added',
    'account.updated-fields': 'changed the fields of',
    'account.tag-added': 'tagged',
    'inquiry.created': 'received',
    'inquiry.started': 'recorded the start of',
    'inquiry.completed': 'recorded the completion of',
    'inquiry.failed': 'recorded the failure of',
    'inquiry.marked-for-review': 'marked for review',
    'inquiry.approved': 'approved',
    'inquiry.declined': 'declined',
  } as Record<string, string>,
  /** What happened to the very thing whose page it stands on. */
  happened: (name: string, context: Record<string, unknown>): string => {
    const listed = (value: unknown) => (Array.isArray(value) ? value.join(', ') : '')
    const tags = (value: unknown) => (Array.isArray(value) && value.length === 1 ? 'tag' : 'tags')
    switch (name) {
      case 'case.created':
        return 'opened the case'
      case 'case.status-updated':
        return `set the status from ${context.from} to ${context.to}`
      case 'case.resolved':
        return 'resolved the case'
      case 'case.reopened':
        return 'reopened the case'
      case 'case.updated':
        return 'changed the case'
      case 'case.updated-fields':
        return 'changed its fields'
      case 'case.updated-tags': {
        const [added, removed] = [listed(context.addedTags), listed(context.removedTags)]
        return [
          added && `added the ${tags(context.addedTags)} ${added}`,
          removed && `removed the ${tags(context.removedTags)} ${removed}`,
        ]
          .filter(Boolean)
          .join(' and ')
      }
      case 'case.assigned':
        return `assigned it to ${context.to}`
      case 'case.unassigned':
        return 'unassigned it'
      default:
        return `recorded ${name}`
    }
  },
  otherEvent: (name: string) => `recorded ${name} on`,
  aRun: 'a run',
  aCase: 'a case',
  statusTo: (to: string) => `to ${to}`,
})

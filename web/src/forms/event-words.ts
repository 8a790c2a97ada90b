import type { ReactNode } from 'react'
import { catalogue } from '../words/catalogue'
import { ofName } from '../words/name'

/** The rendered parts of a sentence about an event. */
export interface EventParts {
  /** The name of the object; `undefined` on its own page, where the sentence omits it. */
  thing: ReactNode | undefined
  person: (email: string) => ReactNode
  object: (id: string) => ReactNode
  field: (key: string) => string
}

type Sentence = (context: Record<string, unknown>, parts: EventParts) => ReactNode[]

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** "a", "a and b", "a, b and c". */
function listed(items: ReactNode[]): ReactNode[] {
  return items.flatMap((item, at) => {
    if (at === 0) return [item]
    return [at === items.length - 1 ? ' and ' : ', ', item]
  })
}

const tagsOf = (tags: string[]) => [`the ${tags.length === 1 ? 'tag' : 'tags'} `, ...listed(tags)]

/** "resolved the case" on its own page, "resolved KYC-11" elsewhere. */
const did =
  (verb: string, own: string): Sentence =>
  (_, { thing }) => [`${verb} `, thing ?? own]

const updatedCase: Sentence = (
  { addedObjectIds, addedAttachments, updatedFields, redacted },
  { thing, object, field },
) => {
  if (redacted === true) return ['changed ', thing ?? 'the case']
  const to = thing === undefined ? [] : [' to ', thing]
  if (texts(addedObjectIds).length > 0) return ['added ', ...listed(texts(addedObjectIds).map(object)), ...to]
  if (texts(addedAttachments).length > 0) return ['attached ', ...listed(texts(addedAttachments)), ...to]
  if (texts(updatedFields).length > 0) {
    const names = texts(updatedFields).map(field)
    return ['changed ', ...listed(names), ...(thing === undefined ? [] : [' of ', thing])]
  }
  return ['changed the deadline of ', thing ?? 'the case']
}

const updatedTags: Sentence = ({ addedTags, removedTags }, { thing }) => {
  const [added, removed] = [texts(addedTags), texts(removedTags)]
  return [
    ...(added.length > 0 ? ['added ', ...tagsOf(added)] : []),
    ...(added.length > 0 && removed.length > 0 ? [' and '] : []),
    ...(removed.length > 0 ? ['removed ', ...tagsOf(removed)] : []),
    ...(added.length + removed.length === 0 ? ['changed the tags'] : []),
    ...(thing === undefined ? [] : [' of ', thing]),
  ]
}

const fieldsOf =
  (own: string): Sentence =>
  ({ updatedFields }, { thing, field }) => {
    const names = texts(updatedFields).map(field)
    return ['changed ', ...(names.length > 0 ? listed(names) : ['fields']), ' of ', thing ?? own]
  }

/** The sentences, by the event's name. */
const EVENTS: Record<string, Sentence> = {
  'case.created': did('created', 'the case'),
  'case.status-updated': ({ from, to }, { thing }) => [
    'set the status ',
    ...(thing === undefined ? [] : ['of ', thing, ' ']),
    `from ${text(from)} to ${text(to)}`,
  ],
  'case.redacted': did('redacted', 'the case'),
  'case.resolved': did('resolved', 'the case'),
  'case.reopened': did('reopened', 'the case'),
  'case.updated': updatedCase,
  'case.updated-fields': updatedCase,
  'case.updated-tags': updatedTags,
  'case.assigned': ({ to }, { thing, person }) => ['assigned ', thing ?? 'it', ' to ', person(text(to))],
  'case.unassigned': ({ from }, { thing, person }) => [
    'unassigned ',
    thing ?? 'it',
    ...(text(from) ? [' from ', person(text(from))] : []),
  ],
  'case.step-failed': ({ stepName }, { thing }) => [
    `failed at the step ${text(stepName)}`,
    ...(thing === undefined ? [] : [' on ', thing]),
  ],
  'case-comment.created': did('commented on', 'the case'),
  'case-template.created': did('created the case template', ''),
  'case-template.updated': did('changed the case template', ''),
  'workflow.published': did('published', 'the workflow'),
  'workflow.draft-saved': did('saved the draft of', 'the workflow'),
  'workflow.draft-discarded': did('discarded the draft of', 'the workflow'),
  'workflow.updated': did('changed', 'the workflow'),
  'workflow.archived': did('archived', 'the workflow'),
  'workflow.paused': did('paused', 'the workflow'),
  'workflow.resumed': did('resumed', 'the workflow'),
  'workflow-run.created': did('started', 'the run'),
  'workflow-run.completed': did('completed', 'the run'),
  'workflow-run.errored': did('failed', 'the run'),
  'workflow-run.refused': did('did not start', 'the run'),
  'workflow-run.resumed': did('resumed', 'the run'),
  'account.created': did('added the account', ''),
  'account.redacted': did('redacted the account', ''),
  'account.updated-fields': fieldsOf('the account'),
  'account.updated-tags': updatedTags,
  'account.tag-added': did('tagged', 'the account'),
  'account.tag-removed': did('removed a tag from', 'the account'),
  'account.status-updated': did('changed the status of', 'the account'),
  'inquiry.created': did('received the inquiry', ''),
  'inquiry.started': did('recorded the start of the inquiry', ''),
  'inquiry.completed': did('recorded the completion of the inquiry', ''),
  'inquiry.failed': did('recorded the failure of the inquiry', ''),
  'inquiry.expired': did('recorded the expiration of the inquiry', ''),
  'inquiry.marked-for-review': did('marked the inquiry for review', ''),
  'inquiry.redacted': did('redacted the inquiry', ''),
  'inquiry.approved': did('approved the inquiry', ''),
  'inquiry.declined': did('declined the inquiry', ''),
  'inquiry.updated-tags': updatedTags,
  'source.created': did('created', 'a source'),
  'source.allow-list-updated': did('changed the allow-list of', 'a source'),
  'source.secret-rotated': did('rotated the secret of', 'a source'),
  'user.created': did('added', 'a person'),
  'user.invited': did('created a password link for', 'a person'),
  'user.renamed': did('renamed', 'a person'),
  'user.role-updated': ({ from, to }, { thing }) => [
    'changed the role of ',
    thing ?? 'a person',
    ` from ${text(from)} to ${text(to)}`,
  ],
  'user.deactivated': did('deactivated', 'a person'),
  'user.reactivated': did('reactivated', 'a person'),
  'retention-policy.updated': ({ from, to }) => [`changed data retention from ${text(from)} to ${text(to)}`],
  'transaction.created': did('received the transaction', ''),
  'transaction.updated-tags': updatedTags,
}

export const words = catalogue('events', {
  happened: (name: string, context: Record<string, unknown>, parts: EventParts): ReactNode[] => {
    const sentence = EVENTS[name]
    if (sentence) return sentence(context, parts)
    const [kind = '', deed = ''] = name.split('.')
    return [`recorded “${ofName(kind)} ${ofName(deed).toLowerCase()}”`, ...(parts.thing ? [' for ', parts.thing] : [])]
  },
})

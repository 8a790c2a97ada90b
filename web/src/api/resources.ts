/** The attributes of the objects that screens show; the glossary defines the objects. */
import type { Resource } from './document'
import type { Refined, Shown } from './shapes'

export type CaseAttributes = Shown<'retrieve-case'>

export type StatusType = 'initial' | 'intermediate' | 'end'

export type CaseTemplateAttributes = Shown<'retrieve-a-case-template'>
export type FieldSchema = CaseTemplateAttributes['fieldSchemas'][number]

export type WorkflowAttributes = Omit<Shown<'retrieve-a-workflow'>, 'draftDefinition' | 'publishedDefinition'>

export type WorkflowRunAttributes = Shown<'list-all-workflow-runs'>

/** Fields of accounts and inquiries: by names that belong to the organization, each with its type. */
type TypedFields = Record<string, { type: string; value: unknown } | undefined>

type EventShown = Shown<'retrieve-an-event'>

export type EventAttributes = Refined<
  EventShown,
  {
    payload: { data: Resource }
    // Every event has an actor.
    context: Required<Pick<EventShown['context'], 'actor'>> & EventShown['context'] & Record<string, unknown>
  }
>

export type StepTypeAttributes = Refined<Shown<'list-step-types'>, { plans: Record<string, string> }>

export type UserAttributes = Shown<'list-users'>

/** A user's name, or the address if there is none. */
export const nameOfPerson = ({ nameFirst, nameLast, emailAddress }: UserAttributes) =>
  [nameFirst, nameLast].filter(Boolean).join(' ') || emailAddress

export type AccountAttributes = Refined<Shown<'retrieve-an-account'>, { fields: TypedFields }>
export type InquiryAttributes = Refined<Shown<'retrieve-an-inquiry'>, { fields: TypedFields }>

/** The person of an inquiry: the name, otherwise the account's reference, otherwise the inquiry's id. */
export function nameOfInquiry(id: string, { fields, referenceId }: Pick<InquiryAttributes, 'fields' | 'referenceId'>) {
  return nameInFields(fields) || referenceId || id
}

/**
 * The name of an account: the organization's own reference, otherwise the person's name, otherwise the account's id.
 */
export function nameOfAccount(id: string, { fields, referenceId }: Pick<AccountAttributes, 'fields' | 'referenceId'>) {
  return referenceId || nameInFields(fields) || id
}

/** The first and last name among the fields of an object. */
export function nameInFields(fields: TypedFields | undefined): string {
  return [fields?.['name-first']?.value, fields?.['name-last']?.value].filter(Boolean).join(' ')
}

/** The attributes of the objects that screens show; what an object is called is in the glossary. */

export interface CaseAttributes {
  status: string
  name: string
  resolution: string | null
  createdAt: string
  updatedAt: string | null
  assignedAt: string | null
  resolvedAt: string | null
  redactedAt: string | null
  slaExpiresAt: string | null
  creatorId: string | null
  creatorType: string | null
  assigneeId: string | null
  resolverId: string | null
  resolverType: string | null
  updaterId: string | null
  updaterType: string | null
  tags: string[]
  fields: Record<string, unknown>
}

export type StatusType = 'initial' | 'intermediate' | 'end'

export interface FieldSchema {
  type: string
  key: string
  label: string
  config: { required?: boolean }
}

export interface CaseTemplateAttributes {
  status: string
  name: string
  resolutions: string[]
  createdAt: string
  updatedAt: string
  archivedAt: string | null
  fieldSchemas: FieldSchema[]
}

export interface WorkflowAttributes {
  status: string
  name: string
  description: string | null
  state: 'running' | 'paused' | 'archived'
  hasDraft: boolean
  createdAt: string
  updatedAt: string
  lastUpdater: string | null
}

export interface WorkflowRunAttributes {
  status: string
  createdAt: string
  completedAt: string | null
}

export interface EventAttributes {
  name: string
  createdAt: string
  payload: { data: { type: string; id: string; attributes: Record<string, unknown> } }
  context: {
    actor: { type: string; id: string; shownAs?: string; workflowId?: string }
    depth: number
    objectId: string
    objectVersion: number
    causeEventId?: string
    stepId?: string
  } & Record<string, unknown>
}

export interface StepTypeAttributes {
  name: string
  category: string
  label: string
  synonyms: string[]
  docs: string
  plans: Record<string, string>
  config: Record<string, unknown>
  output: Record<string, unknown>
  example: unknown
}

export interface AccountAttributes {
  referenceId: string | null
  accountTypeName: string
  accountStatus: string
  createdAt: string
  updatedAt: string | null
  redactedAt: string | null
  fields: Record<string, { type: string; value: unknown } | undefined>
  tags: string[]
}

/** The edited workflow, and the actions on the whole of it. */

import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query'
import { call, root } from '../../../api/client'
import type { One } from '../../../api/document'
import { Problem } from '../../../api/problem'
import { oneQuery } from '../../../api/queries'
import type { Refined, Shown } from '../../../api/shapes'
import type { Definition, Json } from '../model/definition'

export type EditedAttributes = Refined<
  Shown<'retrieve-a-workflow'>,
  { draftDefinition: Definition | null; publishedDefinition: Definition | null }
>

export type VersionAttributes = Refined<
  Shown<'retrieve-a-workflow-version'>,
  { number: number; definition: Definition }
>

export const workflowQuery = (workflowId: string) =>
  oneQuery<EditedAttributes, '/workflows/{workflow-id}'>(['workflow', workflowId], '/workflows/{workflow-id}', {
    path: { 'workflow-id': workflowId },
  })

/** The definition to show: the draft, otherwise the live version, otherwise an empty one. */
export const drawnOf = ({ draftDefinition, publishedDefinition }: EditedAttributes): Definition =>
  draftDefinition ?? publishedDefinition ?? { trigger: { on: [] }, steps: [] }

/** A part that both changed differently; a side is null if the part does not exist there. */
export interface ConflictPart {
  /** The key of a choice. */
  key: string
  step: string | null
  base: Json
  theirs: Json
  mine: Json
}

/** A save that came second, with parts that both changed. */
export interface Conflict {
  parts: ConflictPart[]
  /** The stored draft. */
  theirs: Definition
  etag: string
  /** The user who saved first, if known. */
  by: string | null
}

/** The changes that a save was merged with. */
export interface Merged {
  by: string | null
  renamed: { from: string; to: string }[]
}

export type Saved =
  | { kind: 'saved'; definition: Definition; etag: string; merged: Merged | null }
  | { kind: 'conflict'; conflict: Conflict }

export type Choices = Record<string, 'mine' | 'theirs'>

interface Draft {
  definition: Definition
  /** The definition that it is based on. */
  base: Definition
  /** The ETag of the stored draft, as last seen. */
  etag: string
  choices?: Choices
}

/** Saves the draft, merged with later saves of others: only parts that both changed need a choice. */
export async function saveDraft(workflowId: string, { definition, base, etag, choices }: Draft): Promise<Saved> {
  const path = { 'workflow-id': workflowId }
  const body = { data: { attributes: { definition, baseDefinition: base, ...(choices ? { choices } : {}) } } }
  try {
    const answer = await call<One<EditedAttributes>, '/workflows/{workflow-id}/draft'>(
      'put',
      '/workflows/{workflow-id}/draft',
      { path, body, ifMatch: etag },
    )
    const merge = answer.value.meta?.merge as { saver: string | null; renamed: Merged['renamed'] } | null | undefined
    return {
      kind: 'saved',
      definition: answer.value.data.attributes.draftDefinition ?? definition,
      etag: answer.etag ?? etag,
      merged: merge ? { by: merge.saver, renamed: merge.renamed } : null,
    }
  } catch (problem) {
    const meta = problem instanceof Problem && problem.kind === 'stale' ? problem.findings[0]?.meta : undefined
    if (!meta || !Array.isArray(meta.conflicts)) throw problem
    const conflict = {
      parts: meta.conflicts as ConflictPart[],
      theirs: meta.theirs as Definition,
      etag: `"${meta.version}"`,
      by: (meta.saver as string | null | undefined) ?? null,
    }
    return { kind: 'conflict', conflict }
  }
}

export type DraftSaveAttributes = Shown<'list-draft-saves-of-a-workflow'>

/** One of the last saves of the draft. */
export async function draftSave(workflowId: string, saveId: string): Promise<Definition> {
  const answer = await call<One<{ definition: Definition }>, '/workflows/{workflow-id}/draft-saves/{draft-save-id}'>(
    'get',
    '/workflows/{workflow-id}/draft-saves/{draft-save-id}',
    { path: { 'workflow-id': workflowId, 'draft-save-id': saveId } },
  )
  return answer.value.data.attributes.definition
}

/** An action on a whole workflow; it invalidates the workflow's queries. */
export function useDeed<Input>(act: (workflowId: string, input: Input) => Promise<unknown>, workflowId: string) {
  const client = useQueryClient()
  return useMutation<unknown, Problem, Input>({
    mutationFn: (input) => act(workflowId, input),
    onSuccess: () => askAnew(client),
  })
}

export const askAnew = (client: QueryClient) => client.invalidateQueries({ queryKey: ['workflow'] })

export function publish(workflowId: string, { description, etag }: { description: string; etag: string }) {
  const body = { data: { attributes: description.trim() ? { description: description.trim() } : {} } }
  const path = { 'workflow-id': workflowId }
  return call<One<EditedAttributes>, '/workflows/{workflow-id}/publish'>('post', '/workflows/{workflow-id}/publish', {
    path,
    body,
    ifMatch: etag,
  })
}

export function rename(workflowId: string, attributes: { name: string; description: string | null }) {
  const path = { 'workflow-id': workflowId }
  return call('patch', '/workflows/{workflow-id}', { path, body: { data: { attributes } } })
}

export async function duplicate(
  _: string,
  attributes: { name: string; description: string | null; definition: Definition },
): Promise<string> {
  const answer = await call<One<EditedAttributes>, '/workflows'>('post', '/workflows', {
    body: { data: { attributes } },
  })
  return answer.value.data.id
}

export const pause = (workflowId: string) =>
  call('post', '/workflows/{workflow-id}/pause', { path: { 'workflow-id': workflowId } })

export const resume = (workflowId: string) =>
  call('post', '/workflows/{workflow-id}/resume', { path: { 'workflow-id': workflowId } })

export const discardDraft = (workflowId: string, etag: string) =>
  call('delete', '/workflows/{workflow-id}/draft', { path: { 'workflow-id': workflowId }, ifMatch: etag })

export const archive = (workflowId: string) =>
  call('post', '/workflows/{workflow-id}/archive', { path: { 'workflow-id': workflowId } })

/** The address of the definition as YAML. */
export const exportAddress = (workflowId: string) =>
  new URL(`api/v1/workflows/${encodeURIComponent(workflowId)}/export`, root).href

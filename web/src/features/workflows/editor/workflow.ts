/** The workflow that is edited, and what can be done with it as a whole. */

import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query'
import { call, root } from '../../../api/client'
import type { One } from '../../../api/document'
import { Problem } from '../../../api/problem'
import { oneQuery } from '../../../api/queries'
import type { Refined, Shown } from '../../../api/shapes'
import type { Definition } from '../model/definition'

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

/** What is on the drawing board: the draft, else the live version, else nothing yet. */
export const drawnOf = ({ draftDefinition, publishedDefinition }: EditedAttributes): Definition =>
  draftDefinition ?? publishedDefinition ?? { trigger: { on: [] }, steps: [] }

/** A save that came second: what both drew. */
export interface Conflict {
  theirs: Definition
  etag: string
  mine: Definition
  /** Who saved first, where it is told. */
  by: string | null
}

export type Saved = { kind: 'saved'; definition: Definition; etag: string } | { kind: 'conflict'; conflict: Conflict }

/** Saves the draft over the one that was looked at; nothing is overwritten unseen. */
export async function saveDraft(workflowId: string, definition: Definition, etag: string): Promise<Saved> {
  const path = { 'workflow-id': workflowId }
  const body = { data: { attributes: { definition } } }
  try {
    const answer = await call<One<EditedAttributes>, '/workflows/{workflow-id}/draft'>(
      'put',
      '/workflows/{workflow-id}/draft',
      {
        path,
        body,
        ifMatch: etag,
      },
    )
    return { kind: 'saved', definition, etag: answer.etag ?? etag }
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.kind !== 'stale') throw problem
    const now = await call<One<EditedAttributes>, '/workflows/{workflow-id}'>('get', '/workflows/{workflow-id}', {
      path,
    })
    const { attributes } = now.value.data
    return {
      kind: 'conflict',
      conflict: { theirs: drawnOf(attributes), etag: now.etag ?? '', mine: definition, by: attributes.lastUpdater },
    }
  }
}

/** What is done with a whole workflow; each asks for its screens anew. */
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

/** Where the definition is as YAML. */
export const exportAddress = (workflowId: string) =>
  new URL(`api/v1/workflows/${encodeURIComponent(workflowId)}/export`, root).href

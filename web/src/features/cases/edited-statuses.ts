import { useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client'
import { useSession } from '../../api/session'
import type { Shown } from '../../api/shapes'
import { useChange } from '../../forms/change'
import { placeFor, useKept } from '../../ui/kept'
import { useKeys } from '../../ui/keys'
import { toast } from '../../ui/toast'
import { words } from './words'

export type StatusAttributes = Shown<'list-statuses-of-a-case-template'>

export interface Edited extends Omit<StatusAttributes, 'slug'> {
  /** A status that is new has none. */
  id: string | undefined
  /** Names it while it is edited; its id, where it has one. */
  key: string
  /** What becomes of its cases, where it is to be removed. */
  successor?: string
  isRemoved?: boolean
}

interface Work {
  list: Edited[]
  /** The ETag of the template that it was begun on: a save over somebody else's is refused. */
  etag: string | undefined
}

/** The statuses of a template as somebody changes them: kept in the browser until they are saved or discarded. */
export function useEditedStatuses(templateId: string, etag: string | undefined, begun: Edited[]) {
  const { user } = useSession()
  const client = useQueryClient()
  const [work, keep] = useKept<Work>(placeFor(user.id, 'statuses', templateId))
  const list = work?.list ?? begun
  const edit = (next: Edited[]) => {
    const isAsBegun = (!work || work.etag === etag) && JSON.stringify(next) === JSON.stringify(begun)
    keep(isAsBegun ? undefined : { list: next, etag: work?.etag ?? etag })
  }
  const save = useChange<unknown>({
    send: (_, { signal }) =>
      call('patch', '/case-templates/{case-template-id}', {
        path: { 'case-template-id': templateId },
        body: wanted(list),
        signal,
        ...(work?.etag ? { ifMatch: work.etag } : {}),
      }),
    onSuccess: async () => {
      toast.done(words.saved)
      await client.invalidateQueries({ queryKey: ['case-template'] })
      keep(undefined)
    },
  })
  const since = work?.etag
  const isStale = !save.isPending && since !== undefined && etag !== undefined && since !== etag
  useKeys([
    {
      keys: 'mod+s',
      label: words.save,
      scope: 'here',
      whileTyping: true,
      run: () => {
        if (work !== undefined && !isStale) save.mutate()
      },
    },
  ])
  const discard = () => {
    keep(undefined)
    save.reset()
    return client.invalidateQueries({ queryKey: ['case-template'] })
  }
  return { list, isUnsaved: work !== undefined, since, isStale, edit, save, discard }
}

function wanted(list: Edited[]) {
  const successors = new Map(
    list.flatMap(({ id, isRemoved, successor }): [string, string][] =>
      id && isRemoved && successor ? [[id, successor]] : [],
    ),
  )
  const statuses = list
    .filter(({ isRemoved }) => !isRemoved)
    .map(({ id, name, type, color, requireComment, commentBindsKeys, commentBindsWorkflows, allowedNext }) => ({
      ...(id === undefined ? {} : { id }),
      name,
      type,
      color,
      requireComment,
      commentBindsKeys,
      commentBindsWorkflows,
      allowedNext: allowedNext && followed(allowedNext, list, successors),
    }))
  return {
    data: { attributes: { statuses } },
    ...(successors.size > 0 ? { meta: { successors: Object.fromEntries(successors) } } : {}),
  }
}

/**
 * What may follow, once some are gone: where one of them stood, its successor does. One that is new has no id yet, and
 * goes by its name.
 */
function followed(allowedNext: string[], list: Edited[], successors: Map<string, string>): string[] {
  const next = allowedNext.flatMap((key) => {
    const status = list.find((other) => other.key === key)
    return status?.isRemoved ? (successors.get(key) ?? []) : (status?.id ?? status?.name ?? [])
  })
  return [...new Set(next)]
}

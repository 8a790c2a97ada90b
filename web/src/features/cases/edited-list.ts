import { useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client'
import { useSession } from '../../api/session'
import { useChange } from '../../forms/change'
import { placeFor, useKept } from '../../ui/kept'
import { toast } from '../../ui/toast'

interface EditedListOptions<Item> {
  templateId: string
  etag: string | undefined
  /** The name of the list in the browser's storage. */
  part: 'fields' | 'statuses'
  /** The list in the template. */
  begun: Item[]
  /** The key of an item while it is edited. */
  nameOf: (item: Item) => string
  /** The request that saves a list. */
  bodyOf: (list: Item[]) => unknown
  /** The message after saving. */
  saved: string
}

interface Work<Item> {
  list: Item[]
  /** The ETag of the template when editing began: saving over another user's change is refused. */
  etag: string | undefined
}

/**
 * A list of a case template while it is edited: unsaved changes stay in the browser until they are saved or discarded.
 */
export function useEditedList<Item>(options: EditedListOptions<Item>) {
  const { templateId, etag, part, begun, nameOf, bodyOf, saved } = options
  const { user } = useSession()
  const client = useQueryClient()
  const [work, keep] = useKept<Work<Item>>(placeFor(user.id, part, templateId))
  const list = work?.list ?? begun
  const edit = (next: Item[]) => {
    const isAsBegun = (!work || work.etag === etag) && JSON.stringify(next) === JSON.stringify(begun)
    keep(isAsBegun ? undefined : { list: next, etag: work?.etag ?? etag })
  }
  const change = (name: string, next: Partial<Item>) =>
    edit(list.map((item) => (nameOf(item) === name ? { ...item, ...next } : item)))
  const drop = (name: string) => edit(list.filter((item) => nameOf(item) !== name))
  const move = (at: number, by: -1 | 1) => {
    const item = list[at]
    if (item === undefined) return
    const rest = list.filter((_, index) => index !== at)
    edit([...rest.slice(0, at + by), item, ...rest.slice(at + by)])
  }
  const save = useChange<unknown>({
    send: (_, { signal }) =>
      call('patch', '/case-templates/{case-template-id}', {
        path: { 'case-template-id': templateId },
        body: bodyOf(list),
        signal,
        ...(work?.etag ? { ifMatch: work.etag } : {}),
      }),
    onSuccess: async () => {
      toast.done(saved)
      await client.invalidateQueries({ queryKey: ['case-template'] })
      keep(undefined)
    },
  })
  const discard = () => {
    keep(undefined)
    save.reset()
    return client.invalidateQueries({ queryKey: ['case-template'] })
  }
  const since = work?.etag
  const isStale = !save.isPending && since !== undefined && etag !== undefined && since !== etag
  return { list, isUnsaved: work !== undefined, since, isStale, edit, change, drop, move, save, discard }
}

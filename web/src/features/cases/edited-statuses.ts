import type { Shown } from '../../api/shapes'

export type StatusAttributes = Shown<'list-statuses-of-a-case-template'>

export interface Edited extends Omit<StatusAttributes, 'slug'> {
  /** `undefined` for a new status. */
  id: string | undefined
  /** Made from the name for a new status. */
  slug?: string
  /** Identifies it while it is edited; its id, if it has one. */
  key: string
  /** The status that its cases get, if it is to be removed. */
  successor?: string
  isRemoved?: boolean
}

/** The request that saves statuses. */
export function statusesBody(list: Edited[]) {
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
 * The statuses that may follow after some were removed: each removed one is replaced by its successor. A new status has
 * no id yet, so its name is used.
 */
function followed(allowedNext: string[], list: Edited[], successors: Map<string, string>): string[] {
  const next = allowedNext.flatMap((key) => {
    const status = list.find((other) => other.key === key)
    return status?.isRemoved ? (successors.get(key) ?? []) : (status?.id ?? status?.name ?? [])
  })
  return [...new Set(next)]
}

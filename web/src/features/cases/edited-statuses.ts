import type { Shown } from '../../api/shapes'

export type StatusAttributes = Shown<'list-statuses-of-a-case-template'>

export interface Edited extends Omit<StatusAttributes, 'slug'> {
  /** A new status has none. */
  id: string | undefined
  /** A new status gets one from its name. */
  slug?: string
  /** Names it while it is edited; its id, where it has one. */
  key: string
  /** What becomes of its cases, where it is to be removed. */
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

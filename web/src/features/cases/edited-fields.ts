import type { Problem } from '../../api/problem'
import type { FieldSchema } from '../../api/resources'

/** What happens to the values of a field in use. */
export interface FieldChoice {
  do: 'archive' | 'move' | 'convert' | 'keep'
  to?: string
  options?: Record<string, string>
}

export interface EditedField {
  /** Identifies it while it is edited: its original key, or a new id. */
  id: string
  key: string
  type: string
  label: string
  required: boolean
  /** One per line while they are edited. */
  options: string
  archived: boolean
  successor?: string | undefined
  /** The options in the template. */
  optionsBefore?: string[] | undefined
  isNew?: boolean
  isRemoved?: boolean
  choice?: FieldChoice | undefined
}

/** The use of a field, from the refusal that requires a choice. */
export interface FieldUse {
  change: string
  cases: number
  casesAreMore: boolean
  workflows: string[]
}

export const asEdited = ({ key, type, label, config }: FieldSchema): EditedField => ({
  id: key,
  key,
  type,
  label: label ?? '',
  required: config.required,
  options: (config.options ?? []).join('\n'),
  archived: Boolean(config.archivedAt),
  successor: config.successor,
  optionsBefore: config.options,
})

export const KEY_CHARACTERS_MAX = 64

/** A key that a reference can contain, made from a label: `Source of funds` gives `source_of_funds`. */
export const keyFrom = (label: string) =>
  label
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[0-9_]+/, '')
    .slice(0, KEY_CHARACTERS_MAX)
    .replace(/_$/, '')

/** The options of a field in the form of the request. */
export const optionsOf = (field: EditedField) => [
  ...new Set(
    field.options
      .split('\n')
      .map((option) => option.trim())
      .filter(Boolean),
  ),
]

/** The request that saves fields. */
export function fieldsBody(list: EditedField[]) {
  const fields = list
    .filter(({ isRemoved }) => !isRemoved)
    .map((field) => ({
      key: field.key.trim(),
      type: field.type,
      label: field.label.trim() || null,
      required: field.required,
      archived: field.archived,
      ...(field.type === 'choices' ? { options: optionsOf(field) } : {}),
    }))
  const choices = list.flatMap(({ key, choice }): [string, FieldChoice][] => (choice ? [[key, choice]] : []))
  return {
    data: { attributes: { fields } },
    ...(choices.length > 0 ? { meta: { fieldChoices: Object.fromEntries(choices) } } : {}),
  }
}

/** The use of each field that requires a choice, from the server's refusal. */
export function usesIn(problem: Problem | null): Map<string, FieldUse> {
  const uses = new Map<string, FieldUse>()
  for (const { code, meta } of problem?.findings ?? []) {
    if (code !== 'field-choice-needed') continue
    const { field, change, cases, casesAreMore, workflows } = meta as unknown as FieldUse & { field: string }
    uses.set(field, { change, cases, casesAreMore, workflows })
  }
  return uses
}

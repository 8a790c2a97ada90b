import { Plus, X } from 'lucide-react'
import { Fragment } from 'react'
import { Button, IconButton } from '../../../ui/button'
import { Select } from '../../../ui/field'
import type { Condition, Json, Row } from '../model/definition'
import { groupsOf } from '../model/edit'
import { written } from '../model/references'
import { type Kind, kindOf } from '../model/typed'
import { ChipsBox } from './chips-box'
import styles from './condition-form.module.css'
import { useEditor } from './context'
import { useKind } from './sources'
import { useSources, ValueBox } from './value-box'
import { words } from './words'

/** Operators without a value, and those with several values. */
const ALONE = new Set(['is_blank', 'is_not_blank', 'is_true', 'is_false'])
const SEVERAL = new Set(['is_in', 'is_not_in', 'is_in_any_case', 'is_not_in_any_case'])
const NUMBERS = new Set(['greater_than', 'greater_than_or_equal', 'less_than', 'less_than_or_equal'])
const DATES = new Set(['before', 'after'])

interface ConditionFormProps {
  condition: Condition | undefined
  onChange: (condition: Condition | undefined, merging?: string) => void
}

/** A condition as groups of rows: all rows of at least one group must hold. */
export function ConditionForm({ condition, onChange }: ConditionFormProps) {
  const { isReadOnly } = useEditor()
  const groups = groupsOf(condition) as Row[][] | undefined
  if (groups === undefined) return <p className={styles.hint}>{words.rawCondition}</p>
  const write = (next: Row[][], merging?: string) => {
    const kept = next.filter((group) => group.length > 0)
    onChange(kept.length > 0 ? { any: kept.map((all) => ({ all })) } : undefined, merging)
  }
  const begun: Row = { field: '', is: 'equals_any_case' }
  const withGroup = (at: number, group: Row[], merging?: string) =>
    write(
      groups.map((old, index) => (index === at ? group : old)),
      merging,
    )
  const isEmpty = groups.every((group) => group.length === 0)
  return (
    <div className={styles.condition}>
      {groups.map((rows, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: groups have no key but their index
        <Fragment key={at}>
          {at > 0 && rows.length > 0 && <span className={styles.or}>{words.or}</span>}
          {rows.map((row, place) => (
            <RowForm
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no key but their index
              key={place}
              row={row}
              lead={place === 0 ? words.where : words.and}
              onChange={(next, merging) =>
                withGroup(
                  at,
                  rows.map((old, index) => (index === place ? next : old)),
                  merging && `${at} ${place} ${merging}`,
                )
              }
              onRemove={() =>
                withGroup(
                  at,
                  rows.filter((_, index) => index !== place),
                )
              }
            />
          ))}
          {rows.length > 0 && !isReadOnly && (
            <div>
              <Button
                size="small"
                look="quiet"
                icon={<Plus size={13} />}
                onClick={() => withGroup(at, [...rows, begun])}
              >
                {words.addRow}
              </Button>
            </div>
          )}
        </Fragment>
      ))}
      {!isReadOnly && (
        <div>
          <Button size="small" look="quiet" icon={<Plus size={13} />} onClick={() => write([...groups, [begun]])}>
            {isEmpty ? words.where : words.addGroup}
          </Button>
        </div>
      )}
    </div>
  )
}

interface RowFormProps {
  row: Row
  lead: string
  onChange: (row: Row, merging?: string) => void
  onRemove: () => void
}

function RowForm({ row, lead, onChange, onRemove }: RowFormProps) {
  const { isReadOnly } = useEditor()
  const declared = useKind(row.field, useSources())
  const setOperator = (is: string) => {
    if (ALONE.has(is)) return onChange({ field: row.field, is })
    const value = SEVERAL.has(is) ? listOf(row.value) : oneOf(row.value)
    onChange(value === undefined ? { field: row.field, is } : { field: row.field, is, value })
  }
  return (
    <fieldset className={styles.comparison} aria-label={lead}>
      <div className={styles.line}>
        <span className={styles.lead}>{lead}</span>
        <ValueBox
          label={words.field}
          onlyReference
          value={row.field ? { ref: row.field } : undefined}
          onChange={(value) => {
            const picked = written(value)
            onChange({ ...row, field: picked.kind === 'reference' ? picked.path : '' })
          }}
        />
        {!isReadOnly && <IconButton label={words.removeRow} icon={<X size={14} />} size="small" onClick={onRemove} />}
      </div>
      <div className={styles.line}>
        <Select
          aria-label={words.operator}
          value={row.is}
          disabled={isReadOnly}
          onChange={(event) => setOperator(event.target.value)}
        >
          {Object.entries(words.operators)
            .filter(([name]) => name === row.is || fits(name, declared))
            .map(([name, label]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
        </Select>
        {!ALONE.has(row.is) && <RowValue row={row} kind={wantedBy(row.is, declared)} onChange={onChange} />}
      </div>
    </fieldset>
  )
}

/** Whether an operator applies to a field of a declared type; for an unknown type, every operator does. */
function fits(operator: string, declared: string | undefined): boolean {
  const kind = kindOf(declared)
  if (kind === 'any' || operator.endsWith('_blank')) return true
  if (NUMBERS.has(operator)) return kind === 'number'
  if (DATES.has(operator)) return kind === 'date' || kind === 'datetime'
  if (operator === 'is_true' || operator === 'is_false') return kind === 'boolean'
  if (operator.endsWith('_any_case') || operator.includes('contain')) return kind === 'text'
  return true
}

/** The kind of value that an operator needs: the field's, unless the operator defines it. */
function wantedBy(operator: string, declared: string | undefined): Kind {
  if (NUMBERS.has(operator)) return 'number'
  if (DATES.has(operator)) return declared === 'date' ? 'date' : 'datetime'
  // A list can contain items of any kind.
  if (declared === 'list') return 'any'
  return kindOf(declared)
}

const listOf = (value: Json | undefined): Json | undefined => {
  if (value === undefined || Array.isArray(value)) return value
  return written(value).kind === 'reference' ? undefined : [value]
}

const oneOf = (value: Json | undefined): Json | undefined => {
  if (!Array.isArray(value)) return value
  return value.length === 1 ? value[0] : undefined
}

function RowValue({ row, kind, onChange }: Pick<RowFormProps, 'row' | 'onChange'> & { kind: Kind }) {
  const change = (value: Json | undefined) => {
    const { value: _, ...rest } = row
    onChange(value === undefined ? rest : { ...row, value }, 'value')
  }
  if (SEVERAL.has(row.is) && (row.value === undefined || Array.isArray(row.value))) {
    return (
      <ChipsBox
        label={words.value}
        value={row.value ?? []}
        kind={kind}
        onChange={(items) => change(items.length > 0 ? items : undefined)}
      />
    )
  }
  return <ValueBox key={kind} label={words.value} kind={kind} value={row.value} onChange={change} />
}

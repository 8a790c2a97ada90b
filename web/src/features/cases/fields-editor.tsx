import { ArrowDown, ArrowUp, Plus, Trash2, Undo2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Problem } from '../../api/problem'
import type { FieldSchema } from '../../api/resources'
import { useMay } from '../../api/session'
import { Badge } from '../../ui/badge'
import { Button, IconButton } from '../../ui/button'
import { Card } from '../../ui/card'
import { Checkbox } from '../../ui/checkbox'
import { Field, Input, Select, TextArea } from '../../ui/field'
import { Notice } from '../../ui/notice'
import { Muted, Row } from '../../ui/stack'
import { sentence } from '../../words/sentence'
import { asEdited, type EditedField, KEY_CHARACTERS_MAX, keyFrom, useEditedFields, usesIn } from './edited-fields'
import { FieldChoiceForm } from './field-choice-form'
import styles from './statuses-editor.module.css'
import { words } from './words'

interface FieldsEditorProps {
  templateId: string
  etag: string | undefined
  fields: FieldSchema[]
}

/** The fields of a template: added, renamed, moved, archived, removed with a choice of what becomes of their values. */
export function FieldsEditor({ templateId, etag, fields }: FieldsEditorProps) {
  const mayWrite = useMay('case_template.write')
  const { list, isUnsaved, edit, save, discard } = useEditedFields(templateId, etag, fields.map(asEdited))
  const [added, setAdded] = useState<string>()
  const uses = usesIn(save.error)
  const change = (id: string, next: Partial<EditedField>) =>
    edit(list.map((field) => (field.id === id ? { ...field, ...next } : field)))
  const move = (at: number, by: -1 | 1) => {
    const field = list[at]
    if (!field) return
    const rest = list.filter((_, index) => index !== at)
    edit([...rest.slice(0, at + by), field, ...rest.slice(at + by)])
  }
  const add = () => {
    const id = crypto.randomUUID()
    const blank = { key: '', type: 'string', label: '', required: false, options: '', archived: false }
    edit([...list, { id, ...blank, isNew: true }])
    setAdded(id)
  }
  const removed = (field: EditedField) => {
    if (field.isNew) edit(list.filter(({ id }) => id !== field.id))
    else change(field.id, { isRemoved: !field.isRemoved, choice: undefined })
  }
  return (
    <Card
      title={words.fields}
      actions={mayWrite && <Saving {...{ isUnsaved, discard }} isBusy={save.isPending} onSave={() => save.mutate()} />}
    >
      {save.error && <NotSaved problem={save.error} list={list} />}
      {list.length === 0 && <Muted>{words.noTemplateFields}</Muted>}
      <fieldset className={styles.all} disabled={save.isPending}>
        <ol className={styles.list}>
          {list.map((field, at) => (
            <li key={field.id} className={styles.status} data-removed={field.isRemoved || undefined}>
              <div className={styles.head}>
                <Row>
                  <strong>{nameOf(field)}</strong>
                  {field.archived && <Badge>{words.fieldArchived}</Badge>}
                </Row>
                {mayWrite && (
                  <Deeds
                    field={field}
                    isFirst={at === 0}
                    isLast={at === list.length - 1}
                    onMove={(by) => move(at, by)}
                    onRemove={() => removed(field)}
                  />
                )}
              </div>
              {field.archived ? (
                <Archived field={field} mayWrite={mayWrite} onRestore={() => change(field.id, { archived: false })} />
              ) : (
                !field.isRemoved && (
                  <FieldForm
                    field={field}
                    isJustAdded={field.id === added}
                    isReadOnly={!mayWrite}
                    onChange={(next) => change(field.id, next)}
                  />
                )
              )}
              <FieldChoiceForm
                field={field}
                use={uses.get(field.id)}
                others={list.filter((other) => other.id !== field.id && !other.isRemoved && !other.archived)}
                onChange={(choice) => change(field.id, { choice })}
              />
            </li>
          ))}
        </ol>
        {mayWrite && (
          <Button size="small" look="quiet" icon={<Plus size={13} />} onClick={add}>
            {words.addField}
          </Button>
        )}
      </fieldset>
    </Card>
  )
}

const nameOf = ({ label, key }: Pick<EditedField, 'label' | 'key'>) => label || key || words.newField

interface SavingProps {
  isUnsaved: boolean
  isBusy: boolean
  discard: () => void
  onSave: () => void
}

function Saving({ isUnsaved, isBusy, discard, onSave }: SavingProps) {
  return (
    <Row>
      {isUnsaved && (
        <>
          <span className={styles.unsaved}>{words.unsaved}</span>
          <Button size="small" look="quiet" onClick={discard}>
            {words.discard}
          </Button>
        </>
      )}
      <Button size="small" look="primary" disabled={!isUnsaved} isBusy={isBusy} onClick={onSave}>
        {words.saveFields}
      </Button>
    </Row>
  )
}

interface DeedsProps {
  field: EditedField
  isFirst: boolean
  isLast: boolean
  onMove: (by: -1 | 1) => void
  onRemove: () => void
}

function Deeds({ field, isFirst, isLast, onMove, onRemove }: DeedsProps) {
  const name = nameOf(field)
  return (
    <span className={styles.deeds}>
      <IconButton
        label={words.moveUp(name)}
        icon={<ArrowUp size={14} />}
        size="small"
        disabled={isFirst}
        onClick={() => onMove(-1)}
      />
      <IconButton
        label={words.moveDown(name)}
        icon={<ArrowDown size={14} />}
        size="small"
        disabled={isLast}
        onClick={() => onMove(1)}
      />
      <IconButton
        label={field.isRemoved ? words.keepField(name) : words.removeField(name)}
        icon={field.isRemoved ? <Undo2 size={14} /> : <Trash2 size={14} />}
        size="small"
        onClick={onRemove}
      />
    </span>
  )
}

function Archived({ field, mayWrite, onRestore }: { field: EditedField; mayWrite: boolean; onRestore: () => void }) {
  return (
    <Row>
      <Muted>{words.fieldArchivedHint(field.successor)}</Muted>
      {mayWrite && !field.isRemoved && (
        <Button size="small" look="quiet" onClick={onRestore}>
          {words.restoreField(nameOf(field))}
        </Button>
      )}
    </Row>
  )
}

interface FieldFormProps {
  field: EditedField
  /** Its label is what is typed next. */
  isJustAdded: boolean
  isReadOnly: boolean
  onChange: (next: Partial<EditedField>) => void
}

function FieldForm({ field, isJustAdded, isReadOnly, onChange }: FieldFormProps) {
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isJustAdded) first.current?.focus()
  }, [isJustAdded])
  const relabel = (label: string) => {
    // Until a key of one's own is typed, it follows the label.
    const follows = field.isNew && field.key === keyFrom(field.label)
    onChange(follows ? { label, key: keyFrom(label) } : { label })
  }
  return (
    <div className={styles.form}>
      <Field label={words.fieldLabel}>
        <Input
          ref={first}
          value={field.label}
          placeholder={field.key}
          disabled={isReadOnly}
          onChange={({ target }) => relabel(target.value)}
        />
      </Field>
      <Field label={words.fieldKey} {...(field.isNew ? { hint: words.fieldKeyHint } : {})}>
        <Input
          value={field.key}
          maxLength={KEY_CHARACTERS_MAX}
          disabled={isReadOnly || !field.isNew}
          onChange={({ target }) => onChange({ key: target.value })}
        />
      </Field>
      <Field label={words.fieldType}>
        <Select
          value={field.type}
          disabled={isReadOnly}
          onChange={({ target }) => onChange({ type: target.value, choice: undefined })}
        >
          {Object.entries(words.fieldTypes).map(([type, label]) => (
            <option key={type} value={type}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <div data-beside>
        <Checkbox
          label={words.fieldRequired}
          isChecked={field.required}
          disabled={isReadOnly}
          onChange={(required) => onChange({ required })}
        />
      </div>
      {field.type === 'choices' && (
        <div className={styles.bound}>
          <Field label={words.fieldOptions}>
            <TextArea
              rows={4}
              value={field.options}
              disabled={isReadOnly}
              onChange={({ target }) => onChange({ options: target.value, choice: undefined })}
            />
          </Field>
        </div>
      )}
    </div>
  )
}

/** Why the fields were not saved; a field that needs a choice is only named here and asked about at its place. */
function NotSaved({ problem, list }: { problem: Problem; list: EditedField[] }) {
  const called = (key: string) => nameOf(list.find((field) => field.key === key) ?? { label: key, key })
  return (
    <Notice tone="bad" isAlert>
      <strong>{words.cantSaveFields}</strong>
      {problem.kind === 'stale' ? (
        <div>{words.staleTemplate}</div>
      ) : (
        problem.findings.map(({ details, title, pointer, code, meta }) => (
          <div key={`${pointer} ${details}`}>
            {code === 'field-choice-needed'
              ? words.fieldNeedsChoice(called(String(meta.field)))
              : sentence(details ?? title)}
          </div>
        ))
      )}
    </Notice>
  )
}

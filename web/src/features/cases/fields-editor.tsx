import { Plus } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { FieldSchema } from '../../api/resources'
import { useMay } from '../../api/session'
import { Badge } from '../../ui/badge'
import { Button } from '../../ui/button'
import { Card } from '../../ui/card'
import { Checkbox } from '../../ui/checkbox'
import { Field, Input, Select, TextArea } from '../../ui/field'
import { Muted, Row } from '../../ui/stack'
import { asEdited, type EditedField, fieldsBody, KEY_CHARACTERS_MAX, keyFrom, usesIn } from './edited-fields'
import { useEditedList } from './edited-list'
import { FieldChoiceForm } from './field-choice-form'
import { NotSaved, RowDeeds, Saving } from './list-editor'
import styles from './list-editor.module.css'
import { words } from './words'

interface FieldsEditorProps {
  templateId: string
  etag: string | undefined
  fields: FieldSchema[]
}

/** The fields of a template: added, renamed, moved, archived, removed with a choice of what happens to their values. */
export function FieldsEditor({ templateId, etag, fields }: FieldsEditorProps) {
  const mayWrite = useMay('case_template.write')
  const { list, isUnsaved, edit, change, drop, move, save, discard } = useEditedList<EditedField>({
    templateId,
    etag,
    part: 'fields',
    begun: fields.map(asEdited),
    nameOf: ({ id }) => id,
    bodyOf: fieldsBody,
    saved: words.fieldsSaved,
  })
  const [added, setAdded] = useState<string>()
  const uses = usesIn(save.error)
  const called = (key: string) => nameOf(list.find((field) => field.key === key) ?? { label: key, key })
  const add = () => {
    const id = crypto.randomUUID()
    const blank = { key: '', type: 'string', label: '', required: false, options: '', archived: false }
    edit([...list, { id, ...blank, isNew: true }])
    setAdded(id)
  }
  const removed = (field: EditedField) => {
    if (field.isNew) drop(field.id)
    else change(field.id, { isRemoved: !field.isRemoved, choice: undefined })
  }
  return (
    <Card
      title={words.fields}
      actions={
        mayWrite && (
          <Saving
            label={words.saveFields}
            isUnsaved={isUnsaved}
            isBusy={save.isPending}
            onDiscard={discard}
            onSave={() => save.mutate()}
          />
        )
      }
    >
      {save.error && (
        <NotSaved
          title={words.cantSaveFields}
          problem={save.error}
          asked="field-choice-needed"
          inWords={({ field }) => words.fieldNeedsChoice(called(String(field)))}
        />
      )}
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
                  <RowDeeds
                    name={nameOf(field)}
                    at={at}
                    count={list.length}
                    removal={field.isRemoved ? words.keepField(nameOf(field)) : words.removeField(nameOf(field))}
                    isRemoved={field.isRemoved}
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
  /** The label gets the focus. */
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
    // The key follows the label until it is edited.
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

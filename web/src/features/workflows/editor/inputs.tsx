/**
 * The boxes of a step, drawn from its type's schema: `x-widget` names the box if a plain one is not enough. An unknown
 * widget is drawn as a plain box, so a new step type works before it gets a special one.
 */

import { Plus, X } from 'lucide-react'
import type { ComponentType, FocusEvent } from 'react'
import { useState } from 'react'
import { Button, IconButton } from '../../../ui/button'
import { Field } from '../../../ui/field'
import { type Choice, Picker } from '../../../ui/picker'
import { StatusIcon } from '../../../ui/status-chip'
import { fold } from '../../../words/fold'
import { type Action, find, isAction, type Json } from '../model/definition'
import { literal, rootOf, written } from '../model/references'
import { kindOf } from '../model/typed'
import { type Schema, typeOf } from './catalogue'
import { useEditor } from './context'
import styles from './inputs.module.css'
import { type Entry, OPEN_CASE, openCaseOf, useObjects } from './sources'
import { ReferenceButton, ReferenceChip, useSources, ValueBox } from './value-box'
import { words } from './words'

export interface InputProps {
  /** The step that the box belongs to. */
  step: Action
  schema: Schema
  value: Json | undefined
  onChange: (value: Json | undefined) => void
  /** Its accessible name outside a Field. */
  label?: string
}

const WIDGETS: Record<string, ComponentType<InputProps>> = {
  case: ObjectBox,
  object: ObjectBox,
  objects: ListBox,
  tags: ListBox,
  'case-status': StatusBox,
  'case-template': TemplateBox,
  'case-fields': FieldsBox,
}

/** One labelled box of a step. Its error is shown after it was left, or when the step is opened again. */
export function StepInput({
  name,
  isRequired,
  problem,
  ...input
}: InputProps & { name: string; isRequired: boolean; problem?: string | undefined }) {
  const { fresh } = useEditor()
  const [isTouched, setIsTouched] = useState(false)
  const error = fresh === input.step.id && !isTouched ? undefined : problem
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only observes when one of its controls loses the focus
    <div onBlur={(event) => isLeft(event) && setIsTouched(true)}>
      <Field label={words.ofName(name)} isOptional={!isRequired} hint={input.schema.description} error={error}>
        <AnyBox {...input} />
      </Field>
    </div>
  )
}

/** Whether the focus moves outside, except to the list or references opened by one of its own controls. */
function isLeft({ currentTarget, relatedTarget }: FocusEvent): boolean {
  if (!(relatedTarget instanceof Element)) return true
  return !currentTarget.contains(relatedTarget) && relatedTarget.closest('[data-radix-popper-content-wrapper]') === null
}

function AnyBox(props: InputProps) {
  const Widget = WIDGETS[props.schema['x-widget'] ?? ''] ?? PLAIN[typeOf(props.schema) ?? ''] ?? PlainBox
  return <Widget {...props} />
}

const PLAIN: Record<string, ComponentType<InputProps>> = { array: ListBox, boolean: BooleanBox }

function PlainBox({ schema, value, onChange, label }: InputProps) {
  if (schema.enum) {
    const choices = schema.enum.map((one) => ({ value: String(one), label: words.ofName(String(one)) }))
    return <Chooser label={label} choices={choices} value={value} onChange={onChange} />
  }
  const type = typeOf(schema)
  return (
    <ValueBox
      label={label}
      value={value}
      onChange={onChange}
      kind={type === 'number' || type === 'integer' ? 'number' : 'text'}
    />
  )
}

function BooleanBox({ value, onChange, label }: InputProps) {
  const choices = [
    { value: 'true', label: words.yes },
    { value: 'false', label: words.no },
  ]
  const shown = typeof value === 'boolean' ? String(value) : value
  return (
    <Chooser
      label={label}
      choices={choices}
      value={shown}
      onChange={(picked) => onChange(picked === 'true' ? true : picked === 'false' ? false : picked)}
    />
  )
}

interface ChooserProps {
  label?: string | undefined
  choices: Choice[]
  value: Json | undefined
  onChange: (value: Json | undefined) => void
  placeholder?: string
  whenEmpty?: string
  /** References must lead to an object of this kind. */
  objectType?: string
  /** The choice for a written value, if it differs from the value itself. */
  chosen?: string | undefined
}

/** A list to choose from, with a button for a reference or a text beside it. */
function Chooser({ label, choices, value, onChange, placeholder, whenEmpty, objectType, chosen }: ChooserProps) {
  const { isReadOnly } = useEditor()
  const sources = useSources()
  const now = written(value)
  const [isText, setIsText] = useState(false)
  const known = chosen ?? (now.kind === 'literal' ? String(now.value) : undefined)
  if (now.kind === 'text' || isText) {
    return (
      <div className={styles.beside}>
        <ValueBox label={label} value={value} onChange={onChange} placeholder={words.textHint} />
        {!isReadOnly && (
          <IconButton
            label={words.clearReference}
            icon={<X size={14} />}
            onClick={() => {
              setIsText(false)
              onChange(undefined)
            }}
          />
        )}
      </div>
    )
  }
  if (now.kind === 'reference' && chosen === undefined) {
    return (
      <div className={styles.beside}>
        <ReferenceChip path={now.path} sources={sources} label={label} onClear={() => onChange(undefined)} />
      </div>
    )
  }
  const footer = (
    <div className={styles.footer}>
      <Button size="small" look="quiet" onClick={() => setIsText(true)}>
        {words.byText}
      </Button>
    </div>
  )
  return (
    <div className={styles.beside}>
      <Picker
        label={label}
        choices={choices}
        value={known}
        onChange={onChange}
        placeholder={placeholder}
        whenEmpty={whenEmpty}
        disabled={isReadOnly}
        footer={footer}
      />
      {!isReadOnly && <ReferenceButton isIcon objectType={objectType} onPick={(path) => onChange({ ref: path })} />}
    </div>
  )
}

/** An object of a type, such as the case: one from the trigger or an earlier step, or any reference. */
function ObjectBox({ schema, value, onChange, label }: InputProps) {
  const kind = schema['x-object'] ?? '*'
  const objects = useObjects(useSources(), kind)
  const trigger = triggerType(useSources())
  const choices = objects.map((entry) => ({
    value: entry.path,
    label:
      entry.path === OPEN_CASE && trigger
        ? openCaseOf(trigger)
        : entry.objectType && entry.path === 'trigger'
          ? `${entry.label} › ${words.ofName(entry.objectType)}`
          : entry.label,
    detail: entry.path,
  }))
  const now = written(value)
  const chosen = now.kind === 'reference' && objects.some(({ path }) => path === now.path) ? now.path : undefined
  return (
    <Chooser
      label={label}
      choices={choices}
      value={value}
      chosen={chosen}
      objectType={kind}
      placeholder={kind === 'case' ? words.chooseCase : words.chooseObject}
      whenEmpty={words.noObjects(kind)}
      onChange={(picked) =>
        onChange(typeof picked === 'string' && objects.some(({ path }) => path === picked) ? { ref: picked } : picked)
      }
    />
  )
}

/** The type of the trigger's object. */
const triggerType = (sources: Entry[]) => sources.find(({ path }) => path === 'trigger')?.objectType

/** The statuses of the templates that the case can have, grouped by template. */
function StatusBox({ step, value, onChange, label }: InputProps) {
  const { definition, templates } = useEditor()
  const made = templateOf(step, definition)
  const fitting = templates.filter((template) => made === undefined || template.id === made)
  const listed = fitting.length > 0 ? fitting : templates
  const choices = listed.flatMap((template) =>
    template.statuses.map((status) => ({
      value: listed.length === 1 ? status.name : `${status.name}\n${template.id}`,
      label: status.name,
      icon: <StatusIcon type={status.type} colour={status.color} />,
      ...(listed.length > 1 ? { group: template.name } : {}),
    })),
  )
  const now = written(value)
  const name = now.kind === 'literal' ? String(now.value) : undefined
  const same = (choice: Choice) => name !== undefined && fold(choice.label) === fold(name)
  return (
    <Chooser
      label={label}
      choices={choices}
      value={value}
      chosen={choices.find(same)?.value}
      placeholder={words.chooseStatus}
      onChange={(picked) => onChange(typeof picked === 'string' ? literal(picked.split('\n')[0] ?? '') : picked)}
    />
  )
}

/** The template of the case in a step, if the definition determines it. */
function templateOf(step: Action, definition: Parameters<typeof find>[0]): string | undefined {
  const from = Object.values(step.with ?? {})
    .map(written)
    .find((value) => value.kind === 'reference')
  if (from?.kind !== 'reference') return undefined
  const maker = find(definition, rootOf(from.path))?.step
  if (!maker || !isAction(maker)) return undefined
  const template = written(maker.with?.template)
  return template.kind === 'literal' ? String(template.value) : undefined
}

function TemplateBox({ value, onChange, label }: InputProps) {
  const { templates } = useEditor()
  const choices = templates.map(({ id, name }) => ({ value: id, label: name }))
  return (
    <Chooser label={label} choices={choices} value={value} placeholder={words.chooseTemplate} onChange={onChange} />
  )
}

/** Several values of one kind. */
function ListBox({ step, schema, value, onChange, label }: InputProps) {
  const { isReadOnly } = useEditor()
  if (value !== undefined && !Array.isArray(value)) {
    return <ValueBox label={label} value={value} onChange={onChange} />
  }
  const items = value ?? []
  const change = (at: number, item: Json | undefined) =>
    onChange(items.map((old, index) => (index === at ? (item ?? '') : old)))
  const name = label ?? words.value
  return (
    <div className={styles.list}>
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items have no key but their index
        <div className={styles.beside} key={at}>
          <AnyBox
            step={step}
            schema={schema.items ?? {}}
            value={item === '' ? undefined : item}
            label={`${name} ${at + 1}`}
            onChange={(next) => change(at, next)}
          />
          {!isReadOnly && (
            <IconButton
              label={words.removeItem(`${name} ${at + 1}`)}
              icon={<X size={14} />}
              onClick={() => onChange(items.length === 1 ? undefined : items.filter((_, index) => index !== at))}
            />
          )}
        </div>
      ))}
      {!isReadOnly && (
        <div>
          <Button size="small" look="quiet" icon={<Plus size={13} />} onClick={() => onChange([...items, ''])}>
            {words.addItem}
          </Button>
        </div>
      )}
    </div>
  )
}

/** The fields of the case's template, each with its value. */
function FieldsBox({ step, value, onChange }: InputProps) {
  const { templates, isReadOnly } = useEditor()
  const named = written(step.with?.template)
  const template = named.kind === 'literal' ? templates.find(({ id }) => id === named.value) : undefined
  const fields = isMembers(value) ? value : {}
  const free = (template?.fields ?? []).filter(({ key }) => !(key in fields))
  const labelOf = (key: string) => template?.fields.find((field) => field.key === key)?.label ?? words.ofName(key)
  return (
    <div className={styles.list}>
      {Object.entries(fields).map(([key, field]) => (
        <div className={styles.named} key={key}>
          <span className={styles.name}>{labelOf(key)}</span>
          <div className={styles.beside}>
            <ValueBox
              label={labelOf(key)}
              value={field === '' ? undefined : field}
              kind={kindOf(template?.fields.find((field) => field.key === key)?.type)}
              onChange={(next) => onChange({ ...fields, [key]: next ?? '' })}
            />
            {!isReadOnly && (
              <IconButton
                label={words.removeItem(labelOf(key))}
                icon={<X size={14} />}
                onClick={() => {
                  const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key))
                  onChange(Object.keys(rest).length > 0 ? rest : undefined)
                }}
              />
            )}
          </div>
        </div>
      ))}
      {!isReadOnly && (
        <Picker
          label={words.addField}
          choices={free.map(({ key, label, type }) => ({
            value: key,
            label: label ?? key,
            detail: words.kinds[type] ?? type,
          }))}
          value={undefined}
          placeholder={words.addField}
          whenEmpty={template ? words.allFieldsSet : words.chooseTemplate}
          onChange={(key) => onChange({ ...fields, [key]: '' })}
        />
      )}
    </div>
  )
}

const isMembers = (value: Json | undefined): value is { [member: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && value.ref === undefined

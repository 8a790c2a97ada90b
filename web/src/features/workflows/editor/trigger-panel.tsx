import { useQuery } from '@tanstack/react-query'
import { Plus, X } from 'lucide-react'
import { wholeQuery } from '../../../api/queries'
import { useMay } from '../../../api/session'
import type { Shown } from '../../../api/shapes'
import { Button, IconButton } from '../../../ui/button'
import { Checkbox } from '../../../ui/checkbox'
import { Field, Input, Select } from '../../../ui/field'
import { Segmented } from '../../../ui/segmented'
import type { Parameter, Trigger } from '../model/definition'
import { freeName } from '../model/edit'
import { eventInWords, kindsOfOrigin, originInWords } from './catalogue'
import { ConditionForm } from './condition-form'
import { PlaceContext, useEditor } from './context'
import { EventPicker } from './event-picker'
import { Panel, Part } from './panel'
import { ProblemNotes } from './problem-notes'
import { StepIcon } from './step-icon'
import styles from './trigger-panel.module.css'
import { words } from './words'

/** The types of a parameter. */
const KINDS = ['string', 'integer', 'number', 'boolean', 'date', 'datetime'] as const

/** What starts a run: events with criteria, or a call through the API with parameters. */
export function TriggerPanel() {
  const { definition, edit, problems, isReadOnly } = useEditor()
  const { trigger } = definition
  const isApi = trigger.on.includes('api')
  const change = (next: Trigger, merging?: string) =>
    edit({ ...definition, trigger: next }, merging ? { merging: `trigger ${merging}` } : {})
  return (
    <PlaceContext value={{ list: null, index: 0 }}>
      <Panel title={words.trigger} of="trigger" icon={<StepIcon type="trigger" />}>
        <ProblemNotes problems={problems.filter(({ subject }) => subject.kind === 'trigger')} />
        <Part title={words.triggerKind}>
          {isReadOnly ? (
            <p>{isApi ? words.triggerApiLabel : words.triggerEvent}</p>
          ) : (
            <Segmented
              label={words.triggerKind}
              value={isApi ? 'api' : 'event'}
              choices={[
                { value: 'event', label: words.triggerEvent },
                { value: 'api', label: words.triggerApiLabel },
              ]}
              onChange={(kind) => change(kind === 'api' ? { on: ['api'], parameters: [] } : { on: [] })}
            />
          )}
        </Part>
        {isApi ? <Parameters trigger={trigger} onChange={change} /> : <Events trigger={trigger} onChange={change} />}
      </Panel>
    </PlaceContext>
  )
}

interface PartProps {
  trigger: Trigger
  onChange: (trigger: Trigger, merging?: string) => void
}

function Events({ trigger, onChange }: PartProps) {
  const { eventTypes, isReadOnly } = useEditor()
  const labelOf = (name: string) => eventInWords(name, eventTypes)
  return (
    <>
      <Part title={words.events}>
        <ul className={styles.events}>
          {trigger.on.map((name) => (
            <li key={name} className={styles.event}>
              <span className={styles.label}>{labelOf(name)}</span>
              <code className={styles.name}>{name}</code>
              {!isReadOnly && (
                <IconButton
                  label={words.removeItem(labelOf(name))}
                  icon={<X size={14} />}
                  size="small"
                  onClick={() => onChange({ ...trigger, on: trigger.on.filter((other) => other !== name) })}
                />
              )}
            </li>
          ))}
        </ul>
        {!isReadOnly && (
          <EventPicker
            label={words.addEvent}
            placeholder={words.addEvent}
            eventTypes={eventTypes}
            taken={trigger.on}
            onChange={(name) => onChange({ ...trigger, on: [...trigger.on, name] })}
          />
        )}
      </Part>
      <Origins trigger={trigger} onChange={onChange} />
      <Part title={words.when}>
        <p className={styles.hint}>{words.whenHint}</p>
        <ConditionForm
          condition={trigger.where}
          onChange={(where, merging) => {
            const { where: _, ...rest } = trigger
            onChange(where ? { ...rest, where } : rest, merging && `where ${merging}`)
          }}
        />
      </Part>
      <Checkbox
        label={words.allowReentry}
        hint={words.allowReentryHint}
        isChecked={trigger.allow_reentry === true}
        disabled={isReadOnly}
        onChange={(isAllowed) => {
          const { allow_reentry: _, ...rest } = trigger
          onChange(isAllowed ? { ...rest, allow_reentry: true } : rest)
        }}
      />
    </>
  )
}

/** The origin that events must have: Docket itself or one kind of actor in it, any source, or one of them. */
function Origins({ trigger, onChange }: PartProps) {
  const { isReadOnly } = useEditor()
  const mayReadSources = useMay('source.read')
  const sources = useQuery({
    ...wholeQuery<Shown<'list-sources'>, '/sources'>(['source', 'whole'], '/sources', { query: { 'page[size]': 100 } }),
    enabled: mayReadSources && !isReadOnly,
  })
  const origins = trigger.origin ?? []
  const change = (next: string[]) => {
    const { origin: _, ...rest } = trigger
    onChange(next.length > 0 ? { ...rest, origin: next } : rest)
  }
  const named = (sources.data?.data ?? []).map(({ attributes }) => `source:${attributes.name}`)
  const others = [...kindsOfOrigin.keys(), ...named].filter((origin) => !origins.includes(origin))
  if (isReadOnly && origins.length === 0) return null
  return (
    <Part title={words.origin}>
      <p className={styles.hint}>{words.originHint}</p>
      {origins.length > 0 && (
        <ul className={styles.events}>
          {origins.map((origin) => (
            <li key={origin} className={styles.event}>
              <span className={styles.label}>{originInWords(origin)}</span>
              {!isReadOnly && (
                <IconButton
                  label={words.removeItem(originInWords(origin))}
                  icon={<X size={14} />}
                  size="small"
                  onClick={() => change(origins.filter((other) => other !== origin))}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {!isReadOnly && others.length > 0 && (
        <Select
          aria-label={words.addOrigin}
          value=""
          onChange={({ target }) => target.value && change([...origins, target.value])}
        >
          <option value="">{words.addOrigin}</option>
          {others.map((origin) => (
            <option key={origin} value={origin}>
              {originInWords(origin)}
            </option>
          ))}
        </Select>
      )}
    </Part>
  )
}

function Parameters({ trigger, onChange }: PartProps) {
  const { isReadOnly } = useEditor()
  const parameters = trigger.parameters ?? []
  const change = (at: number, next: Parameter, merging?: string) =>
    onChange(
      { ...trigger, parameters: parameters.map((old, index) => (index === at ? next : old)) },
      merging && `${at} ${merging}`,
    )
  return (
    <Part title={words.parameters}>
      {parameters.map((parameter, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a name can be incomplete while it is typed
        <section className={styles.parameter} key={at} aria-label={parameter.label ?? parameter.name}>
          <div className={styles.pair}>
            <Field label={words.parameterName}>
              <Input
                value={parameter.name}
                disabled={isReadOnly}
                onChange={(event) => change(at, { ...parameter, name: event.target.value }, 'name')}
              />
            </Field>
            <Field label={words.parameterType}>
              <Select
                value={parameter.type}
                disabled={isReadOnly}
                onChange={(event) => change(at, { ...parameter, type: event.target.value })}
              >
                {KINDS.map((kind) => (
                  <option key={kind} value={kind}>
                    {words.kinds[kind]}
                  </option>
                ))}
              </Select>
            </Field>
          </div>
          <Field label={words.parameterLabel} isOptional>
            <Input
              value={parameter.label ?? ''}
              disabled={isReadOnly}
              onChange={(event) => {
                const { label: _, ...rest } = parameter
                change(at, event.target.value ? { ...parameter, label: event.target.value } : rest, 'label')
              }}
            />
          </Field>
          <div className={styles.pair}>
            <Checkbox
              label={words.parameterRequired}
              isChecked={parameter.required === true}
              disabled={isReadOnly}
              onChange={(required) => change(at, { ...parameter, required })}
            />
            {!isReadOnly && (
              <Button
                size="small"
                look="quiet"
                icon={<X size={13} />}
                onClick={() => onChange({ ...trigger, parameters: parameters.filter((_, index) => index !== at) })}
              >
                {words.removeItem(parameter.name)}
              </Button>
            )}
          </div>
        </section>
      ))}
      {!isReadOnly && (
        <div>
          <Button
            size="small"
            look="quiet"
            icon={<Plus size={13} />}
            onClick={() =>
              onChange({
                ...trigger,
                parameters: [
                  ...parameters,
                  {
                    name: freeName(
                      'parameter',
                      parameters.map(({ name }) => name),
                    ),
                    type: 'string',
                    required: true,
                  },
                ],
              })
            }
          >
            {words.addParameter}
          </Button>
        </div>
      )}
    </Part>
  )
}

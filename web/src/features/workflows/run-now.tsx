import { useQueries } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client'
import type { One, Resource } from '../../api/document'
import { wholeQuery } from '../../api/queries'
import type { CaseAttributes } from '../../api/resources'
import { useMay } from '../../api/session'
import { type Sending, useChange } from '../../forms/change'
import { ProblemNotice } from '../../forms/problem-notice'
import { Button } from '../../ui/button'
import { Field, Input, Select } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { Notice } from '../../ui/notice'
import { Stack } from '../../ui/stack'
import type { EditedAttributes } from './editor/workflow'
import type { Parameter } from './model/definition'
import { numberIn } from './model/typed'
import { EventField, FoundSubject } from './run-subject'
import { words } from './words'

type Given = { fields: Record<string, unknown> } | { eventId: string }

interface RunNowProps {
  workflow: Resource<EditedAttributes>
  /** Opens the dialog to publish the draft; defined if the draft differs from the live version. */
  onPublish?: (() => void) | undefined
  onClose: () => void
}

/** Starts a run of the live version by hand, and opens the run's page. */
export function RunNow({ workflow, onPublish, onClose }: RunNowProps) {
  const navigate = useNavigate()
  const trigger = workflow.attributes.publishedDefinition?.trigger
  const isApi = trigger?.on.includes('api') ?? false
  const [fields, setFields] = useState<Record<string, string>>({})
  const [eventId, setEventId] = useState<string>()
  const start = useChange<string, Given>({
    send: async (input, sending) => (await startRun(workflow.id, input, sending)).value.data.id,
    onSuccess: (runId) => navigate({ to: '/runs/$runId', params: { runId }, search: { step: undefined } }),
  })
  const parameters = trigger?.parameters ?? []
  const isReady = isApi
    ? parameters.every(({ name, required }) => !required || fields[name]?.trim())
    : eventId !== undefined
  const { ids, isLooking } = useCaseIds(isApi ? fields : {})
  const submit = () => {
    if (isApi) start.mutate({ fields: typed(parameters, { ...fields, ...ids }) })
    else if (eventId) start.mutate({ eventId })
  }
  return (
    <FormDialog
      title={words.runNow}
      description={isApi ? words.runNowApi : words.runNowEvent}
      leave={words.close}
      deed={words.start}
      isReady={isReady && !isLooking}
      isBusy={start.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      <Stack>
        {onPublish && (
          <Notice
            tone="warn"
            action={
              <Button size="small" onClick={onPublish}>
                {words.publishFirst}
              </Button>
            }
          >
            {words.runsLive}
          </Notice>
        )}
        <ProblemNotice problem={start.error} title={words.cantRun} />
        {isApi
          ? parameters.map((parameter) => (
              <ParameterField
                key={parameter.name}
                parameter={parameter}
                value={fields[parameter.name] ?? ''}
                caseKey={ids[parameter.name] ? fields[parameter.name] : undefined}
                onChange={(value) => setFields({ ...fields, [parameter.name]: value })}
              />
            ))
          : trigger && <EventField names={trigger.on} value={eventId} onChange={setEventId} />}
      </Stack>
    </FormDialog>
  )
}

function startRun(workflowId: string, input: Given, sending: Sending) {
  const path = { 'workflow-id': workflowId }
  if ('eventId' in input) {
    const body = { meta: { eventId: input.eventId } }
    return call<One<unknown>, '/workflows/{workflow-id}/run'>('post', '/workflows/{workflow-id}/run', {
      path,
      body,
      ...sending,
    })
  }
  const body = { data: { attributes: { fields: input.fields } } }
  return call<One<unknown>, '/workflows/{workflow-id}/trigger'>('post', '/workflows/{workflow-id}/trigger', {
    path,
    body,
    ...sending,
  })
}

/** A case's key, such as ATO-22. */
const CASE_KEY = /^[A-Za-z]{2,8}-\d+$/

/** The ids of cases whose keys were typed into parameters: a workflow needs a case's id. */
function useCaseIds(fields: Record<string, string>): { ids: Record<string, string>; isLooking: boolean } {
  const typedKeys = Object.entries(fields).filter(([name, text]) => /case/i.test(name) && CASE_KEY.test(text.trim()))
  const mayRead = useMay('case.read')
  const found = useQueries({
    queries: typedKeys.map(([, text]) => ({
      ...wholeQuery<CaseAttributes, '/cases'>(['case', 'list', 'key', text.trim()], '/cases', {
        query: { 'filter[text]': text.trim(), 'page[size]': 5 },
      }),
      enabled: mayRead,
    })),
  })
  const ids = Object.fromEntries(
    typedKeys.flatMap(([name, text], at): [string, string][] => {
      const isIt = (key: string) => key.toLowerCase() === text.trim().toLowerCase()
      const known = found[at]?.data?.data.find(({ attributes }) => isIt(attributes.name))
      return known ? [[name, known.id]] : []
    }),
  )
  return { ids, isLooking: found.some(({ isLoading }) => isLoading) }
}

/** The typed values in the parameters' types; empty ones are left out. */
function typed(parameters: Parameter[], fields: Record<string, string>): Record<string, unknown> {
  const given = parameters.flatMap(({ name, type }): [string, unknown][] => {
    const text = fields[name]?.trim()
    if (!text) return []
    if (type === 'boolean') return [[name, text === 'true']]
    const isNumber = type === 'number' || type === 'integer'
    // A text that is not a number is sent unchanged: the server returns the error.
    return [[name, isNumber ? (numberIn(text) ?? text) : (fields[name] ?? text)]]
  })
  return Object.fromEntries(given)
}

interface ParameterFieldProps {
  parameter: Parameter
  value: string
  /** The typed key of a case, for which its id is sent. */
  caseKey: string | undefined
  onChange: (value: string) => void
}

function ParameterField({
  parameter: { name, label, type, required, description },
  value,
  caseKey,
  onChange,
}: ParameterFieldProps) {
  const isNumber = type === 'number' || type === 'integer'
  const wrong = isNumber && value.trim() !== '' && numberIn(value) === undefined ? words.noNumber : undefined
  const found = type === 'string' && <FoundSubject typed={value} onUse={onChange} />
  return (
    <Field
      label={label ?? name}
      hint={
        caseKey ? (
          words.sendsIdOf(caseKey.trim())
        ) : description || found ? (
          <>
            {description} {found}
          </>
        ) : undefined
      }
      {...(wrong ? { error: wrong } : {})}
      isOptional={!required}
    >
      {type === 'boolean' ? (
        <Select value={value} onChange={({ target }) => onChange(target.value)}>
          <option value="">{words.none}</option>
          <option value="true">{words.yes}</option>
          <option value="false">{words.no}</option>
        </Select>
      ) : (
        <Input
          type={type === 'date' ? 'date' : 'text'}
          max={type === 'date' ? '9999-12-31' : undefined}
          inputMode={isNumber ? 'decimal' : undefined}
          placeholder={type === 'datetime' ? '2026-03-02T09:41:12Z' : undefined}
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  )
}

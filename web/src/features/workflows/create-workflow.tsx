import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client'
import type { One } from '../../api/document'
import { wholeQuery } from '../../api/queries'
import type { Shown } from '../../api/shapes'
import { useChange } from '../../forms/change'
import { ProblemNotice } from '../../forms/problem-notice'
import { Field, Input, TextArea } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { Picker } from '../../ui/picker'
import { Segmented } from '../../ui/segmented'
import { Stack } from '../../ui/stack'
import { useEventTypes } from './editor/catalogue'
import { EventPicker } from './editor/event-picker'
import type { Definition } from './model/definition'
import { words } from './words'

type TemplateAttributes = Shown<'list-workflow-templates'>

/** Asks for the name and trigger of a new workflow, creates it, and opens its editor. */
export function CreateWorkflow({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const eventTypes = useEventTypes()
  const templates = useQuery(
    wholeQuery<TemplateAttributes, '/workflow-templates'>(['workflow-template'], '/workflow-templates', {}),
  ).data?.data
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [kind, setKind] = useState<'event' | 'api'>('event')
  const [event, setEvent] = useState<string>()
  const [template, setTemplate] = useState('')
  const chosen = templates?.find(({ id }) => id === template)?.attributes

  const create = useChange<string>({
    send: async (_, sending) => {
      const definition = chosen?.definition ?? blank(kind, event)
      const attributes = {
        name: name.trim() || chosen?.name,
        description: description.trim() || chosen?.description || undefined,
        definition,
      }
      const answer = await call<One<unknown>, '/workflows'>('post', '/workflows', {
        body: { data: { attributes } },
        ...sending,
      })
      return answer.value.data.id
    },
    onSuccess: (workflowId) =>
      navigate({
        to: '/workflows/$workflowId',
        params: { workflowId },
        search: { step: undefined },
        state: { isMade: true },
      }),
  })
  const length = [...name.trim()].length
  const tooLong = length > NAME_MAX ? words.nameTooLong(length) : undefined
  const isReady =
    tooLong === undefined && (chosen !== undefined || (name.trim() !== '' && (kind === 'api' || event !== undefined)))

  return (
    <FormDialog
      title={words.createTitle}
      description={words.createHint}
      leave={words.close}
      deed={words.go}
      isReady={isReady}
      isBusy={create.isPending}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <Stack>
        <ProblemNotice problem={create.error} />
        <Field label={words.name} error={tooLong ?? create.error?.at('/data/attributes/name')}>
          <Input
            autoFocus
            value={name}
            placeholder={chosen?.name ?? words.namePlaceholder}
            onChange={({ target }) => setName(target.value)}
          />
        </Field>
        <Field label={words.description} isOptional>
          <TextArea
            rows={2}
            value={description}
            placeholder={chosen?.description}
            onChange={({ target }) => setDescription(target.value)}
          />
        </Field>
        {templates && templates.length > 0 && (
          <Field label={words.fromTemplate} hint={words.fromTemplateHint}>
            <Picker
              choices={[
                { value: '', label: words.blank },
                ...templates.map(({ id, attributes }) => ({
                  value: id,
                  label: attributes.name,
                  detail: attributes.description,
                })),
              ]}
              value={template}
              onChange={setTemplate}
            />
          </Field>
        )}
        {!chosen && (
          <>
            <Field label={words.triggerType} hint={kind === 'api' ? words.apiHint : undefined}>
              <Segmented
                label={words.triggerType}
                value={kind}
                choices={[
                  { value: 'event', label: words.event },
                  { value: 'api', label: words.api },
                ]}
                onChange={setKind}
              />
            </Field>
            {kind === 'event' && (
              <Field label={words.triggerEvent}>
                <EventPicker
                  eventTypes={eventTypes ?? []}
                  value={event}
                  placeholder={words.chooseEvent}
                  onChange={setEvent}
                />
              </Field>
            )}
          </>
        )}
      </Stack>
    </FormDialog>
  )
}

/** The most characters of a name. */
const NAME_MAX = 100

const blank = (kind: 'event' | 'api', event: string | undefined): Definition => ({
  trigger: kind === 'api' ? { on: ['api'], parameters: [] } : { on: event === undefined ? [] : [event] },
  steps: [],
})

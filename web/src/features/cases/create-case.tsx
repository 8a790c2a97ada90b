import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/client'
import type { One } from '../../api/document'
import { useTemplates } from '../../forms/case-status'
import { useChange } from '../../forms/change'
import { ProblemNotice } from '../../forms/problem-notice'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field } from '../../ui/field'
import { Notice } from '../../ui/notice'
import { Picker } from '../../ui/picker'
import { Stack } from '../../ui/stack'
import { words } from './words'

/** Creates a case by hand. */
export function CreateCase({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const known = useTemplates()
  const templates = known ?? []
  const [template, setTemplate] = useState<string>()
  const chosen = template ?? (templates.length === 1 ? templates[0]?.id : undefined)
  const create = useChange<string>({
    send: async (_, sending) => {
      const body = { data: { attributes: { caseTemplateId: chosen } } }
      const answer = await call<One<unknown>, '/cases'>('post', '/cases', { body, ...sending })
      return answer.value.data.id
    },
    onSuccess: (caseId) => navigate({ to: '/cases/$caseId', params: { caseId } }),
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.create}
      description={words.createHint}
      actions={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button look="primary" isBusy={create.isPending} disabled={!chosen} onClick={() => create.mutate()}>
            {words.createDeed}
          </Button>
        </>
      }
    >
      <Stack>
        <ProblemNotice problem={create.error} />
        {known?.length === 0 && (
          <Notice action={<Link to="/cases/templates">{words.makeTemplate}</Link>}>{words.noTemplateYet}</Notice>
        )}
        <Field label={words.template}>
          <Picker
            choices={templates.map(({ id, name, statuses }) => ({
              value: id,
              label: name,
              detail: words.statusCount(statuses.length),
            }))}
            value={chosen}
            placeholder={words.chooseTemplate}
            whenEmpty={words.noTemplates}
            onChange={setTemplate}
          />
        </Field>
      </Stack>
    </Dialog>
  )
}

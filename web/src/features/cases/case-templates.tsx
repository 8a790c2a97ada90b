import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { call } from '../../api/client'
import type { One } from '../../api/document'
import { useMay } from '../../api/session'
import { type Template, templatesQuery } from '../../forms/case-status'
import { useChange } from '../../forms/change'
import { ProblemNotice } from '../../forms/problem-notice'
import { QueryState } from '../../forms/query-state'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { Field, Input } from '../../ui/field'
import { Page } from '../../ui/page'
import { Row, Stack } from '../../ui/stack'
import { Empty } from '../../ui/states'
import { StatusChip } from '../../ui/status-chip'
import { type Column, Table } from '../../ui/table'
import { words } from './words'

/** Every case template, with its statuses. */
export function CaseTemplates() {
  const mayWrite = useMay('case_template.write')
  const [isCreating, setIsCreating] = useState(false)
  const query = useQuery(templatesQuery)
  const create = mayWrite && (
    <Button look="primary" icon={<Plus size={14} />} onClick={() => setIsCreating(true)}>
      {words.newTemplate}
    </Button>
  )
  return (
    <Page title={words.templates} body="bare" actions={create}>
      <QueryState query={query}>
        {(templates) =>
          templates.length === 0 ? (
            <Empty title={words.noTemplates} hint={words.templatesHint} action={create} />
          ) : (
            <Table label={words.templates} columns={columns} rows={templates} keyOf={({ id }) => id} />
          )
        }
      </QueryState>
      {isCreating && <CreateTemplate onClose={() => setIsCreating(false)} />}
    </Page>
  )
}

/** The statuses that fit in a row of a usual window, with the count of the others after them. */
const SHOWN_MAX = 4

const columns: Column<Template>[] = [
  {
    key: 'name',
    label: words.templateName,
    width: 16,
    cell: ({ id, name }) => (
      <Link to="/cases/templates/$templateId" params={{ templateId: id }} data-row-link>
        {name}
      </Link>
    ),
  },
  {
    key: 'statuses',
    label: words.statuses,
    cell: ({ statuses }) => (
      <Row gap={3}>
        {statuses.slice(0, SHOWN_MAX).map(({ id, name, type, color }) => (
          <StatusChip key={id} name={name} type={type} colour={color} />
        ))}
        {statuses.length > SHOWN_MAX && <span>{`+${statuses.length - SHOWN_MAX}`}</span>}
      </Row>
    ),
  },
  {
    key: 'fields',
    label: words.fields,
    width: 8,
    isMuted: true,
    align: 'end',
    cell: ({ fields }) => words.fieldCount(fields.length),
  },
]

function CreateTemplate({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [key, setKey] = useState('')
  const create = useChange<string>({
    send: async (_, sending) => {
      const attributes = { name: name.trim(), ...(key.trim() ? { key: key.trim() } : {}) }
      const answer = await call<One<unknown>, '/case-templates'>('post', '/case-templates', {
        body: { data: { attributes } },
        ...sending,
      })
      return answer.value.data.id
    },
    onSuccess: async (templateId) => {
      await client.invalidateQueries({ queryKey: ['case-template'] })
      await navigate({ to: '/cases/templates/$templateId', params: { templateId } })
    },
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.newTemplate}
      description={words.templatesHint}
      actions={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button
            look="primary"
            isBusy={create.isPending}
            disabled={name.trim() === ''}
            onClick={() => create.mutate()}
          >
            {words.newTemplate}
          </Button>
        </>
      }
    >
      <Stack>
        <ProblemNotice problem={create.error} />
        <Field label={words.templateName}>
          <Input autoFocus value={name} maxLength={64} onChange={({ target }) => setName(target.value)} />
        </Field>
        <Field label={words.templateKey} hint={words.templateKeyHint} isOptional>
          <Input value={key} maxLength={8} onChange={({ target }) => setKey(target.value.toUpperCase())} />
        </Field>
      </Stack>
    </Dialog>
  )
}

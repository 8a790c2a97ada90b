import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import { type Resource, related } from '../../api/document'
import { listQuery } from '../../api/queries'
import type { CaseAttributes } from '../../api/resources'
import { useMay } from '../../api/session'
import { CaseStatus, type Template, useTemplates } from '../../forms/case-status'
import { ListTable } from '../../forms/list-table'
import { PersonName, usePeople } from '../../forms/people'
import { Badge } from '../../ui/badge'
import { Button } from '../../ui/button'
import { SearchInput, Select } from '../../ui/field'
import { useKeys } from '../../ui/keys'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Row } from '../../ui/stack'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { CreateCase } from './create-case'
import { words } from './words'

type Case = Resource<CaseAttributes>

/** Every case, newest first; the filters are in the URL. */
export function AllCases() {
  const { create: isCreating, ...filters } = useSearch({ from: '/shell/cases' })
  const navigate = useNavigate({ from: '/cases' })
  const mayWrite = useMay('case.write')
  const templates = useTemplates()
  const filter = (next: Partial<typeof filters>) => navigate({ search: (old) => ({ ...old, ...next }), replace: true })
  const query = useInfiniteQuery(
    listQuery<CaseAttributes, '/cases'>(['case', 'list', filters], '/cases', {
      query: {
        'filter[text]': filters.text,
        'filter[status]': filters.status,
        'filter[case-template-id]': filters.template,
        'filter[assignee-id]': filters.assignee,
      },
    }),
  )
  const setIsCreating = (create: boolean) =>
    navigate({ search: (old) => ({ ...old, create: create || undefined }), replace: true })
  const columns = useMemo(() => columnsWith(templates ?? []), [templates])
  useKeys(mayWrite ? [{ keys: 'c', label: words.newCase, scope: 'here', run: () => setIsCreating(true) }] : [])
  const create = mayWrite && (
    <Button look="primary" icon={<Plus size={14} />} onClick={() => setIsCreating(true)}>
      {words.newCase}
    </Button>
  )
  return (
    <Page
      title={words.cases}
      body="bare"
      actions={create}
      toolbar={
        <>
          <SearchInput
            label={words.search}
            value={filters.text ?? ''}
            onChange={(text) => filter({ text: text || undefined })}
          />
          <Filters filters={filters} templates={templates ?? []} onChange={filter} />
        </>
      }
    >
      <ListTable
        query={query}
        label={words.cases}
        columns={columns}
        onClear={
          Object.values(filters).some(Boolean)
            ? () => filter({ text: undefined, status: undefined, template: undefined, assignee: undefined })
            : undefined
        }
        empty={<Empty title={words.empty} hint={words.emptyHint} action={create} />}
      />
      {isCreating && mayWrite && <CreateCase onClose={() => setIsCreating(false)} />}
    </Page>
  )
}

interface CaseFilters {
  status?: string | undefined
  template?: string | undefined
  assignee?: string | undefined
}

interface FiltersProps {
  filters: CaseFilters
  templates: Template[]
  onChange: (next: CaseFilters) => void
}

function Filters({ filters, templates, onChange }: FiltersProps) {
  const people = (usePeople() ?? []).filter(({ isActive, email }) => isActive || email === filters.assignee)
  const fitting = templates.filter(({ id }) => !filters.template || id === filters.template)
  const statuses = [...new Set(fitting.flatMap((template) => template.statuses.map(({ name }) => name)))]
  return (
    <>
      <Select
        aria-label={words.template}
        value={filters.template ?? ''}
        onChange={({ target }) => onChange({ template: target.value || undefined, status: undefined })}
      >
        <option value="">{words.anyTemplate}</option>
        {templates.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      <Select
        aria-label={words.status}
        value={filters.status ?? ''}
        onChange={({ target }) => onChange({ status: target.value || undefined })}
      >
        <option value="">{words.anyStatus}</option>
        {statuses.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Select>
      <Select
        aria-label={words.assignee}
        value={filters.assignee ?? ''}
        onChange={({ target }) => onChange({ assignee: target.value || undefined })}
      >
        <option value="">{words.anyAssignee}</option>
        <option value="me">{words.me}</option>
        <option value="none">{words.nobody}</option>
        {people.map(({ id, email, name }) => (
          <option key={id} value={email}>
            {name}
          </option>
        ))}
      </Select>
    </>
  )
}

function columnsWith(templates: Template[]): Column<Case>[] {
  const names = new Map(templates.map(({ id, name }) => [id, name]))
  return [
    {
      key: 'key',
      label: words.key,
      width: 8,
      cell: (row) => (
        <Link to="/cases/$caseId" params={{ caseId: row.id }} data-row-link>
          {row.attributes.name}
        </Link>
      ),
    },
    { key: 'status', label: words.status, width: 14, cell: (row) => <CaseStatus of={row} /> },
    {
      key: 'template',
      label: words.template,
      width: 12,
      isMuted: true,
      cell: (row) => names.get(related(row, 'caseTemplate')?.id ?? ''),
    },
    {
      key: 'tags',
      label: words.tags,
      cell: (row) => (
        <Row gap={1}>
          {row.attributes.tags.slice(0, 3).map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
        </Row>
      ),
    },
    {
      key: 'assignee',
      label: words.assignee,
      width: 13,
      isMuted: true,
      cell: (row) => row.attributes.assigneeId && <PersonName email={row.attributes.assigneeId} />,
    },
    {
      key: 'created',
      label: words.created,
      width: 7,
      align: 'end',
      isMuted: true,
      cell: (row) => <Moment at={row.attributes.createdAt} />,
    },
    {
      key: 'updated',
      label: words.updated,
      width: 7,
      align: 'end',
      isMuted: true,
      cell: (row) => <Moment at={row.attributes.updatedAt ?? row.attributes.createdAt} />,
    },
  ]
}

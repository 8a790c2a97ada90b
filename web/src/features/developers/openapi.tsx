import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { call, root } from '../../api/client'
import { QueryState } from '../../forms/query-state'
import { Badge } from '../../ui/badge'
import { buttonClasses } from '../../ui/button'
import { SearchInput } from '../../ui/field'
import { Page } from '../../ui/page'
import { NoMatch } from '../../ui/states'
import { type Column, Table } from '../../ui/table'
import { words } from './words'

interface Description {
  paths: Record<string, Record<string, { summary?: string; description?: string }>>
}

interface Operation {
  key: string
  method: string
  path: string
  summary: string
}

const openapiQuery = {
  queryKey: ['openapi'],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    (await call<Description, '/openapi'>('get', '/openapi', { signal })).value,
  staleTime: Number.POSITIVE_INFINITY,
}

/** Every operation of the API, and the description to generate a client from. */
export function OpenApi() {
  const [text, setText] = useState('')
  const query = useQuery(openapiQuery)
  return (
    <Page
      title={words.openapi}
      body="bare"
      actions={
        <a className={buttonClasses()} href={new URL('api/v1/openapi', root).href} download="openapi.json">
          <Download size={14} aria-hidden />
          {words.download}
        </a>
      }
      toolbar={<SearchInput label={words.find} value={text} onChange={setText} />}
    >
      <QueryState query={query}>
        {(description) => {
          const wanted = text.toLowerCase()
          const rows = operationsOf(description).filter(({ path, summary, method }) =>
            `${method} ${path} ${summary}`.toLowerCase().includes(wanted),
          )
          return rows.length === 0 ? (
            <NoMatch onClear={() => setText('')} />
          ) : (
            <Table label={words.openapi} columns={columns} rows={rows} keyOf={({ key }) => key} />
          )
        }}
      </QueryState>
    </Page>
  )
}

function operationsOf({ paths }: Description): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary, description }]) => ({
      key: `${method} ${path}`,
      method: method.toUpperCase(),
      path,
      summary: summary ?? description ?? '',
    })),
  )
}

const columns: Column<Operation>[] = [
  { key: 'method', label: words.method, width: 6, cell: ({ method }) => <Badge>{method}</Badge> },
  { key: 'path', label: words.path, width: 24, cell: ({ path }) => <code>{path}</code> },
  { key: 'summary', label: words.summary, isMuted: true, cell: ({ summary }) => summary },
]

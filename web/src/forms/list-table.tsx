import type { ReactNode } from 'react'
import type { Problem } from '../api/problem'
import { type Column, Table } from '../ui/table'
import { ListState } from './query-state'

interface Paged<Row> {
  data: { rows: Row[] } | undefined
  error: Problem | null
  refetch: () => unknown
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
}

interface ListTableProps<Row> {
  query: Paged<Row>
  /** The accessible name of the list. */
  label: string
  columns: Column<Row>[]
  /** Clears the filters; defined if some are set. */
  onClear?: (() => void) | undefined
  /** Shown if the list is empty without filters. */
  empty: ReactNode
}

/** A screen's list of objects, in pages that are loaded while scrolling. */
export function ListTable<Row extends { id: string }>({ query, label, columns, onClear, empty }: ListTableProps<Row>) {
  return (
    <ListState query={query} onClear={onClear} empty={empty}>
      {(rows) => (
        <Table
          label={label}
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          hasMore={query.hasNextPage}
          isLoadingMore={query.isFetchingNextPage}
          onMore={query.fetchNextPage}
        />
      )}
    </ListState>
  )
}

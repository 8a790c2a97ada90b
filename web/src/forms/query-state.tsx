import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { isOnline } from '../api/connection'
import type { Problem } from '../api/problem'
import { buttonClasses } from '../ui/button'
import { Page } from '../ui/page'
import { NoMatch, ProblemState, SkeletonRows } from '../ui/states'
import { words } from '../ui/words'

interface Asked<T> {
  data: T | undefined
  error: Problem | null
  refetch: () => unknown
}

interface QueryStateProps<T> {
  query: Asked<T>
  /** The title while the screen is loading: for a screen of one object, whose name is its title. */
  title?: string
  /** Shown while loading; rows by default. */
  loading?: ReactNode
  isInline?: boolean
  children: (data: T) => ReactNode
}

/** Shows the result of a query, or its state: loading, refused, not found, unreachable. */
export function QueryState<T>({ query, title, loading, isInline, children }: QueryStateProps<T>) {
  // Existing data stays visible when a refresh fails.
  if (query.data !== undefined) return children(query.data)
  if (title) {
    return (
      <Page title={title} body="bare">
        <QueryState query={query} loading={loading}>
          {children}
        </QueryState>
      </Page>
    )
  }
  // A sign-in dialog is open over this screen meanwhile.
  if (query.error && query.error.kind !== 'signed-out') {
    return (
      <ProblemState
        problem={offlineOr(query.error)}
        onRetry={() => query.refetch()}
        home={<HomeLink />}
        isInline={isInline}
      />
    )
  }
  return loading ?? <SkeletonRows rows={isInline ? 3 : 8} />
}

/** A missing response is explained by the browser's connection if that is lost. */
function offlineOr(problem: Problem) {
  const isOffline = problem.kind === 'unreachable' && !isOnline()
  return isOffline ? { kind: 'offline', message: problem.message, status: 0 } : problem
}

function HomeLink() {
  return (
    <Link to="/" className={buttonClasses()}>
      {words.state.home}
    </Link>
  )
}

interface ListStateProps<Row> {
  query: Asked<{ rows: Row[] }>
  /** Clears the filters; defined if some are set: an empty list then says so. */
  onClear?: (() => void) | undefined
  /** Shown if the list is empty without filters. */
  empty: ReactNode
  isInline?: boolean
  children: (rows: Row[]) => ReactNode
}

/** The same for a list, which can also be empty, with or without filters. */
export function ListState<Row>({ query, onClear, empty, isInline, children }: ListStateProps<Row>) {
  return (
    <QueryState query={query} isInline={isInline}>
      {({ rows }) => {
        if (rows.length > 0) return children(rows)
        return onClear ? <NoMatch onClear={onClear} /> : empty
      }}
    </QueryState>
  )
}

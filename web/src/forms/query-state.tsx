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
  /** What the screen is called as long as it is not there: for a screen that is one thing and has its name from it. */
  title?: string
  /** While nothing is there yet; rows where it says nothing. */
  loading?: ReactNode
  isInline?: boolean
  children: (data: T) => ReactNode
}

/** Shows what a query answers, or the state it is in: waiting, refused, not there, out of reach. */
export function QueryState<T>({ query, title, loading, isInline, children }: QueryStateProps<T>) {
  // What was there stays there while it is asked for again in vain.
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
  // While the person signs in again, over this screen.
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

/** No answer has its reason in this browser, where that has no connection. */
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
  /** Takes the filters away, where some are set: an empty list then says so. */
  onClear?: (() => void) | undefined
  /** What to show where nothing is there at all. */
  empty: ReactNode
  isInline?: boolean
  children: (rows: Row[]) => ReactNode
}

/** The same for a list, which can also be empty, or be filtered to nothing. */
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

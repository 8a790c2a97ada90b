import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { listQuery } from '../../api/queries'
import type { CaseAttributes } from '../../api/resources'
import { useMay, useSession } from '../../api/session'
import { CaseStatus } from '../../forms/case-status'
import { ListState } from '../../forms/query-state'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { FirstStepsCard } from './first-steps-card'
import styles from './home.module.css'
import { Short } from './short'
import { words } from './words'

// The open cases load first; the rest of the screen follows.
const FailedRuns = lazy(() => import('./failed-runs').then((module) => ({ default: module.FailedRuns })))
const Faults = lazy(() => import('./faults').then((module) => ({ default: module.Faults })))
const Latest = lazy(() => import('./latest').then((module) => ({ default: module.Latest })))

/** The start screen: open cases, failures, and the latest changes. */
export function Home() {
  const { user } = useSession()
  const mayReadCases = useMay('case.read')
  const mayReadWorkflows = useMay('workflow.read')
  const mayReadEvents = useMay('event.read')
  const firstName = user.name.split(/[\s@]/)[0] ?? user.name
  return (
    <Page title={words.title} body="column">
      <h2 className="visually-hidden">{words.welcome(firstName)}</h2>
      <div className={styles.grid}>
        <div className={styles.whole}>
          <FirstStepsCard />
        </div>
        {mayReadWorkflows && (
          <Suspense fallback={null}>
            <Faults />
          </Suspense>
        )}
        {mayReadCases && <MyCases />}
        {mayReadWorkflows && (
          <Suspense fallback={<Short title={words.attention}>{null}</Short>}>
            <FailedRuns />
          </Suspense>
        )}
        {mayReadEvents && (
          <div className={styles.whole}>
            <Suspense fallback={<Short title={words.latest}>{null}</Short>}>
              <Latest />
            </Suspense>
          </div>
        )}
      </div>
    </Page>
  )
}

const SHOWN = 6

function MyCases() {
  const query = useInfiniteQuery(
    listQuery<CaseAttributes, '/cases'>(['case', 'list', 'mine'], '/cases', {
      query: { 'filter[assignee-id]': 'me', 'page[size]': 50 },
    }),
  )
  const open = query.data && { rows: query.data.rows.filter((row) => !row.attributes.resolvedAt).slice(0, SHOWN) }
  return (
    <Short title={words.mine} more={<Link to="/cases">{words.allCases}</Link>}>
      <ListState
        query={{ ...query, data: open }}
        isInline
        empty={<Empty isInline title={words.mineEmpty} hint={words.mineEmptyHint} />}
      >
        {(rows) => (
          <ul className={styles.list}>
            {rows.map((row) => (
              <li key={row.id}>
                <Link to="/cases/$caseId" params={{ caseId: row.id }} className={styles.item}>
                  <span className={styles.name}>{row.attributes.name}</span>
                  <span className={styles.fill}>
                    <CaseStatus of={row} />
                  </span>
                  <span className={styles.when}>
                    <Moment at={row.attributes.updatedAt ?? row.attributes.createdAt} />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </ListState>
    </Short>
  )
}

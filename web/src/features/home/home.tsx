import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type Resource, related } from '../../api/document'
import { listQuery } from '../../api/queries'
import type { CaseAttributes, EventAttributes } from '../../api/resources'
import { useMay, useSession } from '../../api/session'
import type { Shown } from '../../api/shapes'
import { CaseStatus } from '../../forms/case-status'
import { EventLine } from '../../forms/event-line'
import { ListState } from '../../forms/query-state'
import { useWorkflowNames } from '../../forms/workflow-names'
import { Badge } from '../../ui/badge'
import { Card } from '../../ui/card'
import { classes } from '../../ui/class-names'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { FirstStepsCard } from './first-steps-card'
import styles from './home.module.css'
import { words } from './words'

/** Where one begins: what waits for me, what went wrong, what just changed. */
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
        {mayReadCases && <MyCases />}
        {mayReadWorkflows && <Attention />}
        {mayReadEvents && (
          <div className={styles.whole}>
            <Latest />
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

type Run = Shown<'list-outcomes-of-workflow-runs'>

function Attention() {
  const query = useInfiniteQuery(
    listQuery<Run, '/workflow-run-outcomes'>(['workflow-run', 'list', 'failed'], '/workflow-run-outcomes', {
      query: { 'filter[status]': 'errored,completed_with_errors', 'page[size]': SHOWN },
    }),
  )
  const names = useWorkflowNames()
  return (
    <Short title={words.attention} more={<Link to="/runs">{words.allRuns}</Link>}>
      <ListState
        query={query}
        isInline
        empty={<Empty isInline title={words.attentionEmpty} hint={words.attentionEmptyHint} />}
      >
        {(rows) => (
          <ul className={styles.list}>
            {rows.slice(0, SHOWN).map((run) => (
              <RunLine key={run.id} run={run} name={names?.get(related(run, 'workflow')?.id ?? '')} />
            ))}
          </ul>
        )}
      </ListState>
    </Short>
  )
}

function RunLine({ run, name }: { run: Resource<Run>; name: string | undefined }) {
  const hasFailed = run.attributes.outcome === 'errored'
  return (
    <li>
      <Link to="/runs/$runId" params={{ runId: run.id }} className={styles.item}>
        <span className={classes(styles.name, styles.fill)}>{name ?? words.aRun}</span>
        <span>
          <Badge tone={hasFailed ? 'bad' : 'warn'}>{hasFailed ? words.failed : words.withErrors}</Badge>
        </span>
        <span className={styles.when}>
          <Moment at={run.attributes.createdAt} />
        </span>
      </Link>
    </li>
  )
}

function Latest() {
  const query = useInfiniteQuery(
    listQuery<EventAttributes, '/events'>(['event', 'list', 'latest'], '/events', { query: { 'page[size]': 10 } }),
  )
  return (
    <Short title={words.latest} more={<Link to="/developers/events">{words.allEvents}</Link>}>
      <ListState
        query={query}
        isInline
        empty={<Empty isInline title={words.latestEmpty} hint={words.latestEmptyHint} />}
      >
        {(rows) => (
          <ul className={styles.list}>
            {rows.slice(0, 10).map((event) => (
              <EventLine key={event.id} event={event} />
            ))}
          </ul>
        )}
      </ListState>
    </Short>
  )
}

function Short({ title, more, children }: { title: string; more: ReactNode; children: ReactNode }) {
  return (
    <Card title={title} actions={<span className={styles.more}>{more}</span>} isBare>
      {children}
    </Card>
  )
}

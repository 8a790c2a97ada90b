import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check } from 'lucide-react'
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
import { Button, IconButton } from '../../ui/button'
import { Card } from '../../ui/card'
import { classes } from '../../ui/class-names'
import { placeFor, useKept } from '../../ui/kept'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import { toast } from '../../ui/toast'
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

/** How many runs are asked for, so that there are enough to show beside those that were seen already. */
const ASKED = 50
/** So many acknowledged runs are remembered: those that could still be among the latest. */
const REMEMBERED_MAX = 200

/** The runs that failed lately, without those that the person has seen and put aside, in this browser. */
function Attention() {
  const { user, environmentId } = useSession()
  const [seen, keepSeen] = useKept<string[]>(placeFor(user.id, 'seen-runs', environmentId))
  const query = useInfiniteQuery(
    listQuery<Run, '/workflow-run-outcomes'>(['workflow-run', 'list', 'failed'], '/workflow-run-outcomes', {
      query: { 'filter[status]': 'errored,completed_with_errors', 'page[size]': ASKED },
    }),
  )
  const names = useWorkflowNames()
  const isSeen = new Set(seen)
  const unseen = query.data && { rows: query.data.rows.filter(({ id }) => !isSeen.has(id)) }
  const hide = (runs: Resource<Run>[]) => {
    keepSeen([...runs.map(({ id }) => id), ...(seen ?? [])].slice(0, REMEMBERED_MAX))
    toast.done(words.acknowledged(runs.length), { action: { label: words.undo, run: () => keepSeen(seen) } })
  }
  return (
    <Short
      title={words.attention}
      more={
        <>
          {unseen && unseen.rows.length > 1 && (
            <Button size="small" look="quiet" onClick={() => hide(unseen.rows)}>
              {words.acknowledgeAll}
            </Button>
          )}
          <Link to="/runs">{words.allRuns}</Link>
        </>
      }
    >
      <ListState
        query={{ ...query, data: unseen }}
        isInline
        empty={<Empty isInline title={words.attentionEmpty} hint={words.attentionEmptyHint} />}
      >
        {(rows) => (
          <ul className={styles.list}>
            {rows.slice(0, SHOWN).map((run) => (
              <RunLine
                key={run.id}
                run={run}
                name={names?.get(related(run, 'workflow')?.id ?? '') ?? words.aRun}
                onHide={() => hide([run])}
              />
            ))}
          </ul>
        )}
      </ListState>
    </Short>
  )
}

interface RunLineProps {
  run: Resource<Run>
  name: string
  onHide: () => void
}

function RunLine({ run, name, onHide }: RunLineProps) {
  const { outcome, createdAt, subject, failure } = run.attributes
  const hasFailed = outcome === 'errored'
  return (
    <li className={styles.run}>
      <Link to="/runs/$runId" params={{ runId: run.id }} search={{ step: failure?.stepId }} className={styles.item}>
        <span className={classes(styles.name, styles.fill)}>
          {name}
          {subject?.name && <span className={styles.subject}>{subject.name}</span>}
          {failure && (
            <span className={styles.reason} title={failure.details ?? ''}>
              {`${words.at(failure.stepName)}: ${failure.details ?? ''}`}
            </span>
          )}
        </span>
        <span>
          <Badge tone={hasFailed ? 'bad' : 'warn'}>{hasFailed ? words.failed : words.withErrors}</Badge>
        </span>
        <span className={styles.when}>
          <Moment at={createdAt} />
        </span>
      </Link>
      <IconButton label={words.acknowledge(name)} icon={<Check size={14} />} size="small" onClick={onHide} />
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

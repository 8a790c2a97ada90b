import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check } from 'lucide-react'
import { type Resource, related } from '../../api/document'
import { listQuery } from '../../api/queries'
import { useSession } from '../../api/session'
import type { Shown } from '../../api/shapes'
import { ListState } from '../../forms/query-state'
import { useWorkflowNames } from '../../forms/workflow-names'
import { Badge } from '../../ui/badge'
import { Button, IconButton } from '../../ui/button'
import { classes } from '../../ui/class-names'
import { placeFor, useKept } from '../../ui/kept'
import { Moment } from '../../ui/moment'
import { Empty } from '../../ui/states'
import { toast } from '../../ui/toast'
import styles from './home.module.css'
import { words } from './lists-words'
import { Short } from './short'
import { words as homeWords } from './words'

const SHOWN = 6
type Run = Shown<'list-outcomes-of-workflow-runs'>

/** The number of runs requested: enough to show some besides those that were dismissed. */
const ASKED = 50
/** The number of dismissed runs that are stored: those that could still be among the latest. */
const REMEMBERED_MAX = 200

/** The runs that failed lately, without those that the user dismissed in this browser. */
export function FailedRuns() {
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
      title={homeWords.attention}
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

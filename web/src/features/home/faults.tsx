import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { call } from '../../api/client'
import type { Resource } from '../../api/document'
import { listQuery } from '../../api/queries'
import { useMay } from '../../api/session'
import type { Shown } from '../../api/shapes'
import { useChange } from '../../forms/change'
import { useWorkflowNames } from '../../forms/workflow-names'
import { Button } from '../../ui/button'
import { classes } from '../../ui/class-names'
import { Moment } from '../../ui/moment'
import { toast } from '../../ui/toast'
import { words } from './fault-words'
import styles from './home.module.css'
import { Short } from './short'

type Fault = Resource<Shown<'list-all-faults'>>

/** Work that Docket could not do and that needs a person. Shown only if there is any. */
export function Faults() {
  const mayRetry = useMay('workflow.trigger')
  const client = useQueryClient()
  const query = useInfiniteQuery(
    listQuery<Shown<'list-all-faults'>, '/faults'>(['workflow-run', 'list', 'faults'], '/faults', {
      query: { 'filter[state]': 'parked', 'page[size]': 20 },
    }),
  )
  const names = useWorkflowNames()
  const retry = useChange<unknown, Fault>({
    send: (fault, sending) => call('post', '/faults/{fault-id}/retry', { path: { 'fault-id': fault.id }, ...sending }),
    onSuccess: () => {
      toast.done(words.retried)
      return client.invalidateQueries({ queryKey: ['workflow-run', 'list', 'faults'] })
    },
  })
  const faults = query.data?.rows ?? []
  if (faults.length === 0) return null
  return (
    <div className={styles.whole}>
      <Short title={words.faults(faults.length)}>
        <ul className={styles.list}>
          {faults.map((fault) => {
            const { object, reason, createdAt, workflowId } = fault.attributes
            const isRun = object.type === 'workflow-run'
            const name = names?.get(workflowId ?? '') ?? (isRun ? words.aRun : words.aWorkflow)
            return (
              <li key={fault.id} className={styles.run}>
                <span className={styles.item}>
                  <span className={classes(styles.name, styles.fill)}>
                    {isRun ? (
                      <Link to="/runs/$runId" params={{ runId: object.id }}>
                        {name}
                      </Link>
                    ) : (
                      <Link to="/workflows/$workflowId" params={{ workflowId: object.id }}>
                        {name}
                      </Link>
                    )}
                    <span className={styles.reason} title={reason}>
                      {isRun ? words.stuckRun(reason) : words.unjudged(reason)}
                    </span>
                  </span>
                  <span className={styles.when}>
                    <Moment at={createdAt} />
                  </span>
                </span>
                {isRun && mayRetry && (
                  <Button size="small" isBusy={retry.isPending} onClick={() => retry.mutate(fault)}>
                    {words.retry}
                  </Button>
                )}
              </li>
            )
          })}
        </ul>
      </Short>
    </div>
  )
}

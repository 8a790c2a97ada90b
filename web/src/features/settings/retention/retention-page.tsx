import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { oneQuery } from '../../../api/queries'
import { useSession } from '../../../api/session'
import type { Shown } from '../../../api/shapes'
import { QueryState } from '../../../forms/query-state'
import { Button } from '../../../ui/button'
import { Card } from '../../../ui/card'
import { Page } from '../../../ui/page'
import { Muted, Stack } from '../../../ui/stack'
import { ChangePeriod } from './change-period'
import styles from './retention.module.css'
import { words } from './words'

export type Policy = Shown<'retrieve-the-retention-policy'>
export type Kind = Policy['kinds'][number]

/** While content is being removed, how far that is gets asked for so often. */
const WORKING_MS = 3000

const policyQuery = oneQuery<Policy, '/retention-policy'>(['retention-policy', 'list'], '/retention-policy', {})

/** How long this environment keeps what it keeps for a period. */
export function DataRetention() {
  const query = useQuery({
    ...policyQuery,
    refetchInterval: ({ state }) => (state.data?.data.attributes.isWorking ? WORKING_MS : false),
  })
  return (
    <Page title={words.title} body="column">
      <QueryState query={query}>{({ data, etag }) => <Periods policy={data.attributes} etag={etag} />}</QueryState>
    </Page>
  )
}

/** The period of a kind; null for kept without limit. */
export function periodOf(policy: Policy, kind: Kind): number | null {
  switch (kind.kind) {
    case 'event-content':
      return policy.eventContentDays
    case 'run-history':
      return policy.runHistoryDays
    case 'receipts':
      return policy.receiptsDays
    case 'answers':
      return policy.answersHours
  }
}

function Periods({ policy, etag }: { policy: Policy; etag: string | undefined }) {
  const { environment } = useSession()
  const [changing, setChanging] = useState<string>()
  const changed = policy.kinds.find(({ kind }) => kind === changing)
  return (
    <Stack>
      <Muted>{words.intro(words.environments[environment] ?? environment)}</Muted>
      <Card title={words.settings} isBare>
        <ul className={styles.kinds}>
          {policy.kinds.map((kind) => (
            <OneKind key={kind.kind} policy={policy} kind={kind} onChange={() => setChanging(kind.kind)} />
          ))}
        </ul>
      </Card>
      {policy.isWorking && <Muted>{words.working}</Muted>}
      {changed && <ChangePeriod policy={policy} kind={changed} etag={etag} onClose={() => setChanging(undefined)} />}
    </Stack>
  )
}

function OneKind({ policy, kind, onChange }: { policy: Policy; kind: Kind; onChange: () => void }) {
  const said = words.kinds[kind.kind]
  const title = said?.title ?? kind.kind
  const period = periodOf(policy, kind)
  return (
    <li className={styles.kind}>
      <div className={styles.what}>
        <strong>{title}</strong>
        <Muted>{said?.what}</Muted>
        {kind.count > 0 && <Muted>{words.removedSoFar[kind.kind]?.(kind.count)}</Muted>}
      </div>
      <span className={styles.period}>{period === null ? words.kept : words.period(period, kind.unit)}</span>
      <Button size="small" aria-label={words.changeOf(title)} onClick={onChange}>
        {words.change}
      </Button>
    </li>
  )
}

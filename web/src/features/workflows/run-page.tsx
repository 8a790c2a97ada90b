import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { call } from '../../api/client'
import type { Many, One } from '../../api/document'
import { oneQuery } from '../../api/queries'
import type { WorkflowAttributes } from '../../api/resources'
import { templatesQuery } from '../../forms/case-status'
import { ContentRemoved } from '../../forms/content-removed'
import { QueryState } from '../../forms/query-state'
import { buttonClasses } from '../../ui/button'
import { Moment } from '../../ui/moment'
import { Notice } from '../../ui/notice'
import { Page } from '../../ui/page'
import { sentence } from '../../words/sentence'
import { RunStatus } from './all-runs'
import { Canvas, OUTPUT, type Paint, TRIGGER } from './editor/canvas'
import { useEventTypes, useStepTypes } from './editor/catalogue'
import type { VersionAttributes } from './editor/workflow'
import { RunInspector, type RunTold, type StepRunAttributes } from './run-inspector'
import styles from './run-page.module.css'
import { words } from './words'

const runQuery = (runId: string) => ({
  queryKey: ['workflow-run', runId, 'steps'] as const,
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const answer = await call<Many<StepRunAttributes>, '/workflow-runs/{workflow-run-id}/steps'>(
      'get',
      '/workflow-runs/{workflow-run-id}/steps',
      {
        path: { 'workflow-run-id': runId },
        signal,
      },
    )
    return { run: answer.value.meta?.run as RunTold, steps: answer.value.data.map(({ attributes }) => attributes) }
  },
})

/** A run, shown on its version: which steps were done, skipped, failed or not reached, and why. */
export function RunPage() {
  const { runId } = useParams({ from: '/shell/runs/$runId' })
  const query = useQuery(runQuery(runId))
  return (
    <QueryState query={query} title={words.run}>
      {({ run, steps }) => <Painted run={run} steps={steps} />}
    </QueryState>
  )
}

function Painted({ run, steps }: { run: RunTold; steps: StepRunAttributes[] }) {
  const { step: open } = useSearch({ from: '/shell/runs/$runId' })
  const navigate = useNavigate({ from: '/runs/$runId' })
  const workflow = useQuery(
    oneQuery<WorkflowAttributes, '/workflows/{workflow-id}'>(['workflow', run.workflowId], '/workflows/{workflow-id}', {
      path: { 'workflow-id': run.workflowId },
    }),
  )
  const version = useQuery({
    queryKey: ['workflow-version', run.workflowVersionId],
    queryFn: async ({ signal }) => {
      const path = { 'workflow-version-id': run.workflowVersionId }
      const answer = await call<One<VersionAttributes>, '/workflow-versions/{workflow-version-id}'>(
        'get',
        '/workflow-versions/{workflow-version-id}',
        { path, signal },
      )
      return answer.value.data
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
  const stepTypes = useStepTypes()
  const eventTypes = useEventTypes()
  const templates = useQuery(templatesQuery).data
  const known = useMemo(() => new Map(templates?.map(({ id, name }) => [id, name])), [templates])
  const byId = useMemo(() => new Map(steps.map((step) => [step.stepId, step])), [steps])
  const name = workflow.data?.data.attributes.name ?? run.workflowId
  const trouble = steps.find(({ state }) => state === 'failed') ?? steps.find(({ state }) => state === 'continued')
  const select = (key: string) => navigate({ search: { step: key }, replace: true })

  return (
    <Page
      title={words.runTitle(name)}
      crumbs={[
        <Link key="runs" to="/runs" search={{ workflow: undefined, status: undefined }}>
          {words.runs}
        </Link>,
      ]}
      beside={
        <>
          <RunStatus status={run.outcome} />
          <span className={styles.when}>
            <Moment at={run.createdAt} />
          </span>
        </>
      }
      actions={
        <Link
          to="/workflows/$workflowId"
          params={{ workflowId: run.workflowId }}
          search={{ step: undefined }}
          className={buttonClasses()}
        >
          {words.goToWorkflow}
        </Link>
      }
      body="bare"
    >
      <div className={styles.page}>
        {trouble && (
          <Notice
            tone={trouble.state === 'failed' ? 'bad' : 'warn'}
            action={
              <button
                type="button"
                className={buttonClasses('secondary', 'small')}
                onClick={() => select(trouble.stepId)}
              >
                {trouble.name}
              </button>
            }
          >
            <strong>{trouble.state === 'failed' ? words.failedAt(trouble.name) : words.wentOnAt(trouble.name)}</strong>{' '}
            {trouble.error && sentence(trouble.error.details)}
          </Notice>
        )}
        <ContentRemoved at={run.contentRemovedAt} />
        <div className={styles.board}>
          <QueryState query={version}>
            {({ attributes }) =>
              attributes.definition && stepTypes && eventTypes ? (
                <Canvas
                  definition={attributes.definition}
                  stepTypes={stepTypes}
                  eventTypes={eventTypes}
                  known={known}
                  selected={open}
                  first={trouble?.stepId}
                  onSelect={select}
                  paint={{
                    of: (id) => (byId.get(id)?.state as Paint | undefined) ?? 'not-reached',
                    routeOf: (id) => byId.get(id)?.output?.route as string | undefined,
                    label: (paint) => words.paint[paint],
                  }}
                />
              ) : null
            }
          </QueryState>
          <RunInspector
            run={run}
            workflow={name}
            version={version.data?.attributes.number}
            step={open === undefined || open === TRIGGER || open === OUTPUT ? undefined : byId.get(open)}
            open={open}
          />
        </div>
      </div>
    </Page>
  )
}

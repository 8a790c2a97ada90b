import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { oneQuery } from '../../api/queries'
import type { CaseAttributes, EventAttributes } from '../../api/resources'
import type { Refined, Shown, Told } from '../../api/shapes'
import { EventLine } from '../../forms/event-line'
import { Json } from '../../ui/code'
import { Details } from '../../ui/details'
import { Moment } from '../../ui/moment'
import { Notice } from '../../ui/notice'
import { sentence } from '../../words/sentence'
import { TRIGGER } from './editor/canvas'
import { words as editor } from './editor/words'
import styles from './run-page.module.css'
import { Starter } from './starter'
import { words } from './words'

export type StepRunAttributes = Refined<
  Shown<'list-steps-of-a-workflow-run'>,
  { output: Record<string, unknown> | null }
>

export type RunTold = Told<'list-steps-of-a-workflow-run'>['run']

interface RouteSeen {
  route: string
  holds: boolean
  rows: { path: string; operator: string; left: unknown; right: unknown; holds: boolean }[]
}

interface RunInspectorProps {
  run: RunTold
  workflow: string
  version: number | undefined
  step: StepRunAttributes | undefined
  open: string | undefined
}

/** The input and output of the selected step; if none is selected, the object of the run. */
export function RunInspector({ run, workflow, version, step, open }: RunInspectorProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard
    <aside className={styles.inspector} aria-label={step?.name ?? words.run} tabIndex={0}>
      {step ? <StepTold step={step} /> : <RunFacts run={run} workflow={workflow} version={version} open={open} />}
    </aside>
  )
}

function RunFacts({ run, workflow, version, open }: Omit<RunInspectorProps, 'step'>) {
  const { facts } = words
  return (
    <>
      <h2>{words.run}</h2>
      <p className={styles.hint}>{words.chooseStep}</p>
      <Details
        facts={[
          [facts.workflow, workflow],
          [facts.version, version === undefined ? '' : words.versionOf(version)],
          [facts.startedBy, <Starter key="by" of={run.creator} />],
          [facts.started, <Moment key="started" at={run.createdAt} isExact />],
          [
            facts.ended,
            run.completedAt ? <Moment key="ended" at={run.completedAt} isExact /> : (words.statuses.running ?? ''),
          ],
        ]}
      />
      {run.cause.eventId && (
        <section aria-label={facts.cause}>
          <h3>{facts.cause}</h3>
          <Caused eventIds={[run.cause.eventId]} />
        </section>
      )}
      <section>
        <h3>{open === TRIGGER ? facts.triggerData : facts.output}</h3>
        <Json
          label={open === TRIGGER ? facts.triggerData : facts.output}
          value={open === TRIGGER ? run.trigger : run.output}
        />
      </section>
      {open !== TRIGGER && (
        <section>
          <h3>{facts.triggerData}</h3>
          <Json label={facts.triggerData} value={run.trigger} />
        </section>
      )}
    </>
  )
}

function StepTold({ step }: { step: StepRunAttributes }) {
  const isChoose = step.do === 'choose'
  if (step.state === 'not-reached' || step.state === 'skipped') {
    return (
      <>
        <h2>{step.name}</h2>
        <p className={styles.hint}>{step.state === 'skipped' ? words.skipped : words.noSteps}</p>
      </>
    )
  }
  return (
    <>
      <h2>{step.name}</h2>
      {step.error && (
        <Notice tone={step.state === 'failed' ? 'bad' : 'warn'}>
          <strong>{step.error.title}</strong>
          <div>{sentence(step.error.details)}</div>
        </Notice>
      )}
      {isChoose ? (
        <Condition seen={step.input as RouteSeen[] | null} taken={step.output?.route as string | undefined} />
      ) : (
        <>
          <CaseLink caseId={caseIn(step.output) ?? caseIn(step.input)} />
          <section aria-label={words.input}>
            <h3>{words.input}</h3>
            <Json label={words.input} value={step.input} />
          </section>
          <section aria-label={words.output}>
            <h3>{words.output}</h3>
            <Json label={words.output} value={step.output} />
          </section>
        </>
      )}
      {step.causedEventIds.length > 0 && (
        <section aria-label={words.caused}>
          <h3>{words.caused}</h3>
          <Caused eventIds={step.causedEventIds} />
        </section>
      )}
    </>
  )
}

/** Why a conditional took its route: each row with the values that it compared. */
function Condition({ seen, taken }: { seen: RouteSeen[] | null; taken: string | undefined }) {
  return (
    <section aria-label={words.condition}>
      <h3>{words.condition}</h3>
      <p className={styles.hint}>{taken === undefined ? words.tookNone : words.tookRoute(taken)}</p>
      {seen?.map(({ route, rows }) => (
        <ul key={route} className={styles.rows} aria-label={route}>
          {rows.map(({ path, operator, left, right, holds }) => (
            <li key={path + operator + String(right)}>
              <span>
                {words.row(
                  `${path} (${shown(left)})`,
                  editor.operators[operator] ?? operator,
                  right === null ? '' : shown(right),
                )}
              </span>
              <span className={holds ? styles.holds : styles.fails}>{holds ? words.holds : words.fails}</span>
            </li>
          ))}
        </ul>
      ))}
    </section>
  )
}

const shown = (value: unknown) =>
  value === null || value === undefined ? words.nothing : typeof value === 'string' ? value : JSON.stringify(value)

/** The case in a step's output or input: the object itself, or its `case` member, which may be only an id. */
export function caseIn(value: unknown): string | undefined {
  const members = value as { case?: unknown } | null | undefined
  const held = members?.case ?? members
  if (typeof held === 'string') return held.startsWith('case_') ? held : undefined
  const { type, id } = (held ?? {}) as { type?: unknown; id?: unknown }
  return type === 'case' && typeof id === 'string' ? id : undefined
}

/** A link to the case that a step created or changed, or failed to change. */
function CaseLink({ caseId }: { caseId: string | undefined }) {
  const { data } = useQuery({
    ...oneQuery<CaseAttributes, '/cases/{case-id}'>(['case', caseId ?? ''], '/cases/{case-id}', {
      path: { 'case-id': caseId ?? '' },
    }),
    enabled: caseId !== undefined,
  })
  if (caseId === undefined) return null
  return (
    <div className={styles.links}>
      <Link to="/cases/$caseId" params={{ caseId }}>
        {words.openCase(data?.data.attributes.name ?? caseId)}
      </Link>
    </div>
  )
}

function Caused({ eventIds }: { eventIds: string[] }) {
  return (
    <ul className={styles.rows}>
      {eventIds.map((eventId) => (
        <OneEvent key={eventId} eventId={eventId} />
      ))}
    </ul>
  )
}

function OneEvent({ eventId }: { eventId: string }) {
  const { data } = useQuery(
    oneQuery<EventAttributes, '/events/{event-id}'>(['event', eventId], '/events/{event-id}', {
      path: { 'event-id': eventId },
    }),
  )
  return data ? <EventLine event={data.data} /> : null
}

import { CircleAlert, GitCompareArrows, Hourglass, Inbox, Lock, SearchX, Unplug } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { sentence } from '../words/sentence'
import { Button } from './button'
import { classes } from './class-names'
import { CopyId } from './copy-id'
import styles from './states.module.css'
import { words } from './words'

interface StateProps {
  icon: ReactNode
  title: string
  hint?: ReactNode
  /** The server's sentence, verbatim. */
  detail?: string
  actions?: ReactNode
  requestId?: string
  /** Inside a card or a panel, not a whole screen. */
  isInline?: boolean
  role?: 'alert' | 'status'
}

function State({ icon, title, hint, detail, actions, requestId, isInline, role }: StateProps) {
  return (
    <div className={classes(styles.state, isInline && styles.inline)} role={role}>
      {!isInline && (
        <div className={styles.picture} aria-hidden>
          {icon}
        </div>
      )}
      <h2 className={styles.title}>{title}</h2>
      {hint && <p className={styles.words}>{hint}</p>}
      {detail && <p className={styles.detail}>{detail}</p>}
      {actions && <div className={styles.actions}>{actions}</div>}
      {requestId && (
        <p className={styles.request}>
          <CopyId id={requestId} isWhole />
        </p>
      )}
    </div>
  )
}

interface EmptyProps {
  title: string
  /** What appears here, and its origin. */
  hint: ReactNode
  icon?: ReactNode
  /** The primary action. */
  action?: ReactNode
  isInline?: boolean
}

/** An empty list. */
export function Empty({ icon, title, hint, action, isInline }: EmptyProps) {
  return <State icon={icon ?? <Inbox size={20} />} title={title} hint={hint} actions={action} isInline={isInline} />
}

/** A list in which the filters match nothing. */
export function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <State
      icon={<SearchX size={20} />}
      title={words.state.noMatch}
      hint={words.state.noMatchHint}
      actions={<Button onClick={onClear}>{words.state.clearFilters}</Button>}
      role="status"
    />
  )
}

/** The part of a refusal that a screen shows; the API's `Problem` has more. */
export interface ShownProblem {
  kind: string
  message: string
  status: number
  requestId?: string | undefined
}

interface ProblemStateProps {
  problem: ShownProblem
  onRetry?: () => void
  /** A link elsewhere, for refusals that a retry can't resolve. */
  home?: ReactNode
  isInline?: boolean
}

/** Why a screen can't show its content, and what to do: one state for each kind of refusal. */
export function ProblemState({ problem, onRetry, home, isInline }: ProblemStateProps) {
  const retry = onRetry && <Button onClick={onRetry}>{words.retry}</Button>
  const common = { isInline, requestId: problem.requestId, role: 'alert' as const }
  const said = sentence(problem.message)
  switch (problem.kind) {
    case 'offline':
      return (
        <State
          {...common}
          icon={<Unplug size={20} />}
          title={words.state.offline}
          hint={words.state.offlineHint}
          actions={retry}
        />
      )
    case 'unreachable':
      return (
        <State
          {...common}
          icon={<Unplug size={20} />}
          title={words.state.unreachable}
          hint={words.state.unreachableHint}
          actions={retry}
        />
      )
    case 'forbidden':
      return (
        <State
          {...common}
          icon={<Lock size={20} />}
          title={words.state.forbidden}
          hint={words.state.forbiddenHint}
          detail={said}
          actions={home}
        />
      )
    case 'not-found':
      return (
        <State
          {...common}
          icon={<SearchX size={20} />}
          title={words.state.notFound}
          hint={words.state.notFoundHint}
          actions={home}
        />
      )
    case 'busy':
      return (
        <State
          {...common}
          icon={<Hourglass size={20} />}
          title={words.state.busy}
          hint={words.state.busyHint}
          actions={retry}
        />
      )
    case 'stale':
    case 'conflict':
      return (
        <State
          {...common}
          icon={<GitCompareArrows size={20} />}
          title={words.state.stale}
          hint={said}
          actions={onRetry && <Button onClick={onRetry}>{words.reload}</Button>}
        />
      )
    default:
      return (
        <State
          {...common}
          icon={<CircleAlert size={20} />}
          title={words.state.broken}
          hint={words.state.brokenHint}
          detail={said}
          actions={retry}
        />
      )
  }
}

const PATIENCE_MS = 150

/** Shows its children after a short delay, so that fast loading shows no flicker. */
export function AfterAMoment({ children }: { children: ReactNode }) {
  const [isLate, setIsLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  return isLate ? children : null
}

/** A placeholder for rows that are loading. */
export function SkeletonRows({ rows = 8 }: { rows?: number }) {
  return (
    <AfterAMoment>
      <div className={styles.lines} role="status" aria-label={words.loading}>
        {Array.from({ length: rows }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
          <div className={styles.line} key={row}>
            {[0, 1, 2, 3].map((column) => (
              <span key={column} className={classes(styles.bar, styles[`w${(row + column * 3) % 4}`])} />
            ))}
          </div>
        ))}
      </div>
    </AfterAMoment>
  )
}

/** A placeholder for a few lines of text that are loading. */
export function SkeletonText({ lines = 3 }: { lines?: number }) {
  return (
    <AfterAMoment>
      <div className={styles.lines} role="status" aria-label={words.loading}>
        {Array.from({ length: lines }, (_, line) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
          <span key={line} className={classes(styles.bar, styles[`w${line % 4}`])} />
        ))}
      </div>
    </AfterAMoment>
  )
}

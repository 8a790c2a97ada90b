import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check, X } from 'lucide-react'
import { dismissSteps, type FirstStep, STEPS, useFirstSteps } from '../../api/first-steps'
import { IconButton } from '../../ui/button'
import { classes } from '../../ui/class-names'
import styles from './first-steps-card.module.css'
import { words } from './words'

const PLACES: Record<FirstStep, '/cases' | '/workflows'> = {
  'open-case': '/cases',
  'change-status': '/cases',
  'open-workflow': '/workflows',
  'run-workflow': '/workflows',
  'publish-workflow': '/workflows',
}

/** Five things for somebody new. It goes away when all are done, or when it is put away. */
export function FirstStepsCard() {
  const client = useQueryClient()
  const { done, isDismissed } = useFirstSteps()
  const count = STEPS.filter((step) => done.has(step)).length
  if (isDismissed || count === STEPS.length) return null
  return (
    <section className={styles.card} aria-labelledby="first-steps">
      <div className={styles.head}>
        <div className={styles.words}>
          <h2 className={styles.title} id="first-steps">
            {words.start}
          </h2>
          <p className={styles.hint}>{words.startHint}</p>
        </div>
        <span className={styles.progress}>
          <span className={styles.bar} aria-hidden>
            <span className={styles.filled} style={{ display: 'block', width: `${(count / STEPS.length) * 100}%` }} />
          </span>
          {words.progress(count, STEPS.length)}
        </span>
        <IconButton label={words.dismiss} icon={<X size={15} />} size="small" onClick={() => dismissSteps(client)} />
      </div>
      <ol className={styles.steps}>
        {STEPS.map((step, index) => (
          <Step key={step} step={step} number={index + 1} isDone={done.has(step)} />
        ))}
      </ol>
    </section>
  )
}

function Step({ step, number, isDone }: { step: FirstStep; number: number; isDone: boolean }) {
  const { title, hint } = words.steps[step]
  return (
    <li className={classes(styles.step, isDone && styles.done)}>
      <span className={styles.tick}>
        {isDone ? <Check size={13} strokeWidth={3} aria-label={words.done} /> : number}
      </span>
      <div>
        <p className={styles.name}>
          <Link to={PLACES[step]}>{title}</Link>
        </p>
        <p className={styles.detail}>{hint}</p>
      </div>
    </li>
  )
}

import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check, X } from 'lucide-react'
import { useEffect } from 'react'
import { dismissSteps, type FirstStep, useFirstSteps } from '../../api/first-steps'
import { Button, IconButton } from '../../ui/button'
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

/** Whether the card was shown with steps left: only then does it report that all are done. */
let wasOpen = false

/** The first steps of a new user that the user may do. The card stays until it is dismissed. */
export function FirstStepsCard() {
  const client = useQueryClient()
  const { steps, done, isDismissed } = useFirstSteps()
  const count = steps.filter((step) => done.has(step)).length
  const isAllDone = count === steps.length
  useEffect(() => {
    if (!isAllDone) wasOpen = true
  }, [isAllDone])
  if (isDismissed || (isAllDone && !wasOpen)) return null
  const putAway = () => dismissSteps(client)
  return (
    <section className={styles.card} aria-labelledby="first-steps">
      <div className={styles.head}>
        <div className={styles.words}>
          <h2 className={styles.title} id="first-steps">
            {words.start}
          </h2>
          <p className={styles.hint}>{isAllDone ? words.allDone : words.startHint}</p>
        </div>
        <span className={styles.progress}>
          <span className={styles.bar} aria-hidden>
            <span className={styles.filled} style={{ display: 'block', width: `${(count / steps.length) * 100}%` }} />
          </span>
          {words.progress(count, steps.length)}
        </span>
        {isAllDone ? (
          <Button size="small" onClick={putAway}>
            {words.close}
          </Button>
        ) : (
          <IconButton label={words.dismiss} icon={<X size={15} />} size="small" onClick={putAway} />
        )}
      </div>
      <ol className={styles.steps}>
        {steps.map((step, index) => (
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

import { useMemo } from 'react'
import { type Definition, isAction, stepsOf, titleOf } from '../model/definition'
import { differences } from '../model/differences'
import { namesOf } from './canvas'
import styles from './changes.module.css'
import { useEditor } from './context'
import { conditionInWords, differenceInWords, stepInWords, triggerInWords } from './summary'
import { words } from './words'

/** The differences between two definitions, in words. */
export function Changes({ from, to, none }: { from: Definition; to: Definition; none: string }) {
  const { stepTypes, eventTypes } = useEditor()
  const known = useKnown()
  const told = useMemo(() => {
    const events = new Map(eventTypes.map(({ name, label }) => [name, label]))
    const names = { ...namesOf(to, known), roots: [...namesOf(to, known).roots, ...namesOf(from, known).roots], events }
    const labelOf = (key: string) => stepTypes.find((type) => type.key === key)?.label ?? key
    return differences(from, to).flatMap((difference) =>
      differenceInWords(difference, names, labelOf).map((sentence) => ({ kind: difference.kind, sentence })),
    )
  }, [from, to, known, stepTypes, eventTypes])
  if (told.length === 0) return <p className={styles.none}>{none}</p>
  return (
    <ul className={styles.list}>
      {told.map(({ kind, sentence }) => (
        <li key={sentence} className={styles[kind]}>
          {sentence}
        </li>
      ))}
    </ul>
  )
}

/** The names of values: templates by their ids. */
export function useKnown(): Map<string, string> {
  const { templates } = useEditor()
  return useMemo(() => new Map(templates.map(({ id, name }) => [id, name])), [templates])
}

/** Everything that goes live with a first version: its trigger, and its steps in order. */
export function GoesLive({ definition }: { definition: Definition }) {
  const { stepTypes, eventTypes } = useEditor()
  const names = namesOf(definition, useKnown())
  const criteria = conditionInWords(definition.trigger.where, names)
  return (
    <ul className={styles.list}>
      <li className={styles.added}>
        {words.startsWhen(triggerInWords(definition, eventTypes))}
        {criteria && <span className={styles.detail}>{words.onlyWhere(criteria)}</span>}
      </li>
      {Array.from(stepsOf(definition), ({ step, depth }) => {
        const type = isAction(step) ? stepTypes.find(({ key }) => key === step.do) : undefined
        return (
          <li key={step.id} className={styles.added} style={{ marginInlineStart: `${depth}rem` }}>
            {titleOf(step)}
            <span className={styles.detail}>
              {isAction(step) ? stepInWords(step, type, names) : step.choose.map(({ label }) => label).join(' / ')}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

import { useMemo } from 'react'
import type { Definition } from '../model/definition'
import { differences } from '../model/differences'
import { namesOf } from './canvas'
import styles from './changes.module.css'
import { useEditor } from './context'
import { differenceInWords } from './summary'
import { words } from './words'

/** What differs between two drawings, in words. */
export function Changes({ from, to, none }: { from: Definition; to: Definition; none: string }) {
  const { stepTypes } = useEditor()
  const known = useKnown()
  const told = useMemo(() => {
    const names = { ...namesOf(to, known), roots: [...namesOf(to, known).roots, ...namesOf(from, known).roots] }
    const labelOf = (key: string) => stepTypes.find((type) => type.key === key)?.label ?? key
    return differences(from, to).flatMap((difference) =>
      differenceInWords(difference, names, labelOf).map((sentence) => ({ kind: difference.kind, sentence })),
    )
  }, [from, to, known, stepTypes])
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

/** What values are called: templates by their ids. */
export function useKnown(): Map<string, string> {
  const { templates } = useEditor()
  return useMemo(() => new Map(templates.map(({ id, name }) => [id, name])), [templates])
}

/** Two drawings beside what both began from. */
export function BothChanges({ base, theirs, mine }: { base: Definition; theirs: Definition; mine: Definition }) {
  return (
    <div className={styles.both}>
      <section aria-label={words.theirs}>
        <h3 className={styles.heading}>{words.theirs}</h3>
        <Changes from={base} to={theirs} none={words.noChanges} />
      </section>
      <section aria-label={words.mine}>
        <h3 className={styles.heading}>{words.mine}</h3>
        <Changes from={base} to={mine} none={words.noChanges} />
      </section>
    </div>
  )
}

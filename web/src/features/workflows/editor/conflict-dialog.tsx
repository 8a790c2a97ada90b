import { useState } from 'react'
import { Button } from '../../../ui/button'
import { Dialog } from '../../../ui/dialog'
import { useKeys } from '../../../ui/keys'
import { Segmented } from '../../../ui/segmented'
import { Stack } from '../../../ui/stack'
import { type Definition, find, type Json, type Step, type Trigger, titleOf } from '../model/definition'
import { Changes } from './changes'
import styles from './conflict-dialog.module.css'
import { words } from './words'
import type { Choices, Conflict, ConflictPart } from './workflow'

interface ConflictDialogProps {
  conflict: Conflict
  /** The name of the other person. */
  by: string
  base: Definition
  mine: Definition
  isBusy: boolean
  onSave: (choices: Choices) => void
  onClose: () => void
}

/** Parts that two people changed, with both versions to choose from. Everything else is merged without a question. */
export function ConflictDialog({ conflict, by, base, mine, isBusy, onSave, onClose }: ConflictDialogProps) {
  const [choices, setChoices] = useState<Choices>({})
  const isDecided = conflict.parts.every(({ key }) => choices[key])
  const all = (side: 'mine' | 'theirs') => setChoices(Object.fromEntries(conflict.parts.map(({ key }) => [key, side])))
  const save = () => isDecided && onSave(choices)
  useKeys([{ keys: 'mod+s', label: words.keys.save, whileTyping: true, scope: 'here', run: save }])
  return (
    <Dialog
      isOpen
      isWide
      onClose={onClose}
      title={words.conflictTitle(by)}
      description={words.conflictHint}
      actions={
        <>
          {conflict.parts.length > 1 && (
            <div className={styles.all}>
              <Button look="quiet" onClick={() => all('theirs')}>
                {words.allTheirs}
              </Button>
              <Button look="quiet" onClick={() => all('mine')}>
                {words.allMine}
              </Button>
            </div>
          )}
          <Button onClick={onClose}>{words.close}</Button>
          <Button look="primary" isBusy={isBusy} disabled={!isDecided} onClick={save}>
            {words.save}
          </Button>
        </>
      }
    >
      <Stack>
        {conflict.parts.map((part) => {
          const name = partInWords(part, conflict, base, mine)
          return (
            <section key={part.key} className={styles.part} aria-label={name}>
              <div className={styles.head}>
                <h3 className={styles.name}>{name}</h3>
                <Segmented
                  label={words.whichOf(name)}
                  value={choices[part.key] ?? ''}
                  choices={[
                    { value: 'theirs', label: words.useTheirs },
                    { value: 'mine', label: words.useMine },
                  ]}
                  onChange={(side) => setChoices({ ...choices, [part.key]: side as 'mine' | 'theirs' })}
                />
              </div>
              <div className={styles.both}>
                {(['theirs', 'mine'] as const).map((side) => (
                  <section
                    key={side}
                    className={styles.side}
                    data-chosen={choices[part.key] === side}
                    aria-label={side === 'theirs' ? words.theirsOf(by) : words.mine}
                  >
                    <h4 className={styles.heading}>{side === 'theirs' ? words.theirsOf(by) : words.mine}</h4>
                    <PartChanges part={part} side={side} base={base} />
                  </section>
                ))}
              </div>
            </section>
          )
        })}
      </Stack>
    </Dialog>
  )
}

function partInWords({ key, step }: ConflictPart, { theirs }: Conflict, base: Definition, mine: Definition): string {
  if (key === 'trigger') return words.trigger
  if (key === 'output') return words.output
  if (key === 'definition') return words.wholeWorkflow
  const drawn = step === null ? undefined : [mine, theirs, base].map((one) => find(one, step)?.step).find(Boolean)
  const title = drawn ? titleOf(drawn) : (step ?? '')
  if (key.startsWith('order:')) return title ? words.orderIn(title) : words.order
  return title || key
}

/** The changes of one side to a part, in words. */
function PartChanges({ part, side, base }: { part: ConflictPart; side: 'mine' | 'theirs'; base: Definition }) {
  const now = part[side]
  if (part.key === 'definition') {
    return <Changes from={base} to={(now as Definition | null) ?? base} none={words.noChange} />
  }
  if (part.key.startsWith('order:')) {
    return (
      <ol className={styles.order}>
        {(Array.isArray(now) ? now : []).map((id) => {
          const step = find(base, String(id))?.step
          return <li key={String(id)}>{step ? titleOf(step) : String(id)}</li>
        })}
      </ol>
    )
  }
  if (now === null) return <p className={styles.gone}>{words.removedIt}</p>
  const whole = (value: Json): Definition => {
    if (part.key === 'trigger') return { trigger: (value ?? { on: [] }) as Trigger, steps: [] }
    if (part.key === 'output') return { trigger: { on: [] }, steps: [], output: (value ?? {}) as Record<string, Json> }
    return { trigger: { on: [] }, steps: value ? [value as unknown as Step] : [] }
  }
  return <Changes from={whole(part.base)} to={whole(now)} none={words.movedIt} />
}

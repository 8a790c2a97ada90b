import { useState } from 'react'
import type { Action, Json, Place } from '../model/definition'
import { insert, newAction, newChoose } from '../model/edit'
import type { StepType } from './catalogue'
import { PlaceContext, useEditor } from './context'
import { FindAction } from './find-action'
import { Panel } from './panel'
import styles from './panel.module.css'
import { OPEN_CASE, useObjects } from './sources'
import { StepIcon } from './step-icon'
import { useSources } from './value-box'
import { words } from './words'

/** The panel that the + of a circle opens: an action, with a search box, or a conditional. */
export function AddStep({ place }: { place: Place }) {
  return (
    <PlaceContext value={place}>
      <Kinds place={place} />
    </PlaceContext>
  )
}

function Kinds({ place }: { place: Place }) {
  const { definition, edit } = useEditor()
  const [clicks, setClicks] = useState(0)
  const preset = usePreset()

  const addAction = (type: StepType) => {
    const step = newAction(definition, type, preset(type))
    edit(insert(definition, place, step), { select: { kind: 'step', id: step.id } })
  }
  const addConditional = () => {
    const step = newChoose(definition, { name: words.conditional, route: words.route(1), otherwise: words.otherwise })
    edit(insert(definition, place, step), { select: { kind: 'step', id: step.id } })
  }

  return (
    <Panel title={words.addStep} of={JSON.stringify(place)}>
      <div className={styles.kinds}>
        <button type="button" className={styles.kind} aria-pressed onClick={() => setClicks(clicks + 1)}>
          <span className={styles.kindName}>
            <StepIcon type="" />
            {words.action}
          </span>
          <span className={styles.kindHint}>{words.actionHint}</span>
        </button>
        <button type="button" className={styles.kind} onClick={addConditional}>
          <span className={styles.kindName}>
            <StepIcon type="choose" />
            {words.conditional}
          </span>
          <span className={styles.kindHint}>{words.conditionalHint}</span>
        </button>
      </div>
      <FindAction key={clicks} onPick={addAction} />
    </Panel>
  )
}

/** Preset inputs: an object for which there is only one candidate. It can be changed. */
function usePreset(): (type: StepType) => Action['with'] {
  const sources = useSources()
  const everyObject = useObjects(sources, '*')
  return ({ config }) => {
    const preset: Record<string, Json> = {}
    for (const name of config.required ?? []) {
      const kind = config.properties?.[name]?.['x-object']
      if (kind === undefined) continue
      const fitting = everyObject.filter(({ objectType }) => kind === '*' || objectType === kind)
      // If the object itself is a candidate, objects inside it are ignored.
      const roots = fitting.filter(({ path }) => !path.includes('.'))
      const [only, ...others] = roots.length > 0 ? roots : fitting
      // Among references to a case, the open case of the trigger's object is preset.
      const open = roots.length === 0 ? fitting.find(({ path }) => path === OPEN_CASE) : undefined
      const best = others.length === 0 ? only : open
      if (best) preset[name] = { ref: best.path }
    }
    return preset
  }
}

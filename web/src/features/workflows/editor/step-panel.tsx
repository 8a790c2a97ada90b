import { ArrowDown, ArrowUp, ChevronRight, CopyPlus, Trash2 } from 'lucide-react'
import { root } from '../../../api/client'
import { Button, IconButton } from '../../../ui/button'
import { Checkbox } from '../../../ui/checkbox'
import { Field, Input } from '../../../ui/field'
import { Picker } from '../../../ui/picker'
import { type Action, type Choose, find, isAction, listOf, type Step, titleOf } from '../model/definition'
import { duplicate, move, replace } from '../model/edit'
import { dependentsOf } from '../model/references'
import type { StepType } from './catalogue'
import { ConditionalForm } from './conditional-form'
import { PlaceContext, useEditor } from './context'
import { StepInput } from './inputs'
import { Markdown } from './markdown'
import { Panel, Part } from './panel'
import styles from './panel.module.css'
import { ProblemNotes } from './problem-notes'
import { inputOf, type Problem, problemAt, problemsOf } from './problems'
import { StepIcon } from './step-icon'
import { words } from './words'

/** The open step: its name, its inputs, and what happens after an error. */
export function StepPanel({ id }: { id: string }) {
  const { definition, problems, stepTypes, fresh } = useEditor()
  const found = find(definition, id)
  if (!found) return null
  const { step, place } = found
  const type = isAction(step) ? stepTypes.find(({ key }) => key === step.do) : undefined
  // A problem of an input is shown at the input.
  const isToldBelow = ({ pointer: at }: Problem) =>
    isAction(step)
      ? (inputOf(at) ?? '') in (type?.config.properties ?? {})
      : step.choose.some((_, route) => at.startsWith(`${found.pointer}/choose/${route}/`))
  const own = problemsOf(problems, id).filter((problem) => !isToldBelow(problem))
  return (
    <PlaceContext value={place}>
      <Panel
        title={titleOf(step)}
        of={id}
        icon={<StepIcon type={isAction(step) ? step.do : 'choose'} category={type?.category} />}
        actions={<StepActions step={step} />}
      >
        {fresh !== id && <ProblemNotes problems={own} />}
        <Part title={words.stepType}>
          <NameField step={step} />
          {isAction(step) && <TypeField step={step} />}
        </Part>
        {isAction(step) ? <Configuration step={step} /> : <ConditionalForm step={step} />}
        <Advanced step={step} />
        {type && <Docs type={type} />}
      </Panel>
    </PlaceContext>
  )
}

/** Changes a step; characters typed into one box are one undo step. */
function useStep<S extends Step>(step: S) {
  const { definition, edit } = useEditor()
  return (change: Partial<S>, merging?: string) =>
    edit(
      replace(definition, step.id, (old) => clean({ ...old, ...change } as Step)),
      merging ? { merging: `${step.id} ${merging}` } : {},
    )
}

/** A step without empty members. */
function clean(step: Step): Step {
  const entries = Object.entries(step).filter(([, value]) => value !== undefined && value !== false)
  return Object.fromEntries(entries) as Step
}

function NameField({ step }: { step: Step }) {
  const { isReadOnly } = useEditor()
  const change = useStep(step)
  return (
    <Field label={words.name} hint={words.nameHint(step.id)}>
      <Input
        value={step.name ?? ''}
        placeholder={step.id}
        disabled={isReadOnly}
        onChange={(event) => change({ name: event.target.value || undefined }, 'name')}
      />
    </Field>
  )
}

function TypeField({ step }: { step: Action }) {
  const { stepTypes, isReadOnly } = useEditor()
  const change = useStep<Action>(step)
  const choices = stepTypes.map(({ key, label, category, synonyms }) => ({
    value: key,
    label,
    group: category,
    synonyms,
    icon: <StepIcon type={key} category={category} />,
  }))
  return (
    <Field label={words.findAction}>
      <Picker
        choices={choices}
        value={step.do}
        disabled={isReadOnly}
        onChange={(key) =>
          change({ do: key, with: kept(step, stepTypes.find((type) => type.key === key)?.config.properties) })
        }
      />
    </Field>
  )
}

/** The inputs that another step type also has. */
function kept({ with: inputs = {} }: Action, properties: object | undefined): Action['with'] {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => properties && name in properties))
}

function Configuration({ step }: { step: Action }) {
  const { stepTypes, problems } = useEditor()
  const change = useStep<Action>(step)
  const config = stepTypes.find(({ key }) => key === step.do)?.config
  const own = problemsOf(problems, step.id)
  return (
    <Part title={words.configuration}>
      {Object.entries(config?.properties ?? {}).map(([name, schema]) => (
        <StepInput
          key={name}
          name={name}
          step={step}
          schema={schema}
          isRequired={config?.required?.includes(name) ?? false}
          problem={problemAt(own, name)}
          value={step.with?.[name]}
          onChange={(value) => {
            const inputs = { ...step.with }
            if (value === undefined) delete inputs[name]
            else inputs[name] = value
            change({ with: inputs }, name)
          }}
        />
      ))}
    </Part>
  )
}

function Advanced({ step }: { step: Step }) {
  const { isReadOnly } = useEditor()
  const change = useStep<Action & Choose>(step as Action & Choose)
  const isChanged = step.disabled === true || (isAction(step) && step.on_error === 'continue')
  return (
    <details className={styles.advanced}>
      <summary>
        <ChevronRight size={14} aria-hidden />
        {words.advanced}
        {isChanged && <span className={styles.dot} role="img" aria-label={words.advancedChanged} />}
      </summary>
      <div className={styles.inside}>
        {isAction(step) && (
          <Checkbox
            label={words.continueOnError}
            hint={words.continueOnErrorHint(step.id)}
            isChecked={step.on_error === 'continue'}
            disabled={isReadOnly}
            onChange={(isChecked) =>
              change({ on_error: isChecked ? 'continue' : undefined } as Partial<Action & Choose>)
            }
          />
        )}
        <Checkbox
          label={words.turnOff}
          hint={words.turnOffHint}
          isChecked={step.disabled === true}
          disabled={isReadOnly}
          onChange={(isChecked) => change({ disabled: isChecked })}
        />
      </div>
    </details>
  )
}

/** The address of the step type's page in the guide, which the server includes. */
const pageOf = ({ key }: StepType) => new URL(`docs/reference/steps/${key.replaceAll(/[._]/g, '-')}.html`, root).href

/** The text of the step type's own page. */
function Docs({ type }: { type: StepType }) {
  return (
    <details className={styles.advanced}>
      <summary>
        <ChevronRight size={14} aria-hidden />
        {words.docs}
      </summary>
      <div className={styles.inside}>
        <div className={styles.docs}>
          <Markdown text={type.docs} />
        </div>
        <a href={pageOf(type)} target="_blank" rel="noreferrer">
          {words.moreInGuide}
        </a>
      </div>
    </details>
  )
}

function StepActions({ step }: { step: Step }) {
  const { definition, edit, remove, isReadOnly } = useEditor()
  if (isReadOnly) return null
  const place = find(definition, step.id)?.place
  const dependents = dependentsOf(definition, step.id).map(titleOf)
  const copy = () => {
    const made = duplicate(definition, step.id)
    if (made) edit(made.definition, { select: { kind: 'step', id: made.id } })
  }
  return (
    <>
      <Button
        look="danger"
        icon={<Trash2 size={14} />}
        title={dependents.length > 0 ? words.deleteWithDependents(dependents.join(', ')) : undefined}
        onClick={() => remove(step.id)}
      >
        {words.delete}
      </Button>
      <IconButton
        label={words.moveUp}
        icon={<ArrowUp size={14} />}
        disabled={place === undefined || place.index === 0}
        onClick={() => edit(move(definition, step.id, -1))}
      />
      <IconButton
        label={words.moveDown}
        icon={<ArrowDown size={14} />}
        disabled={place === undefined || place.index === listOf(definition, place.list).length - 1}
        onClick={() => edit(move(definition, step.id, 1))}
      />
      <IconButton label={words.duplicate} icon={<CopyPlus size={14} />} onClick={copy} />
    </>
  )
}

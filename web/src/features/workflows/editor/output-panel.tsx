import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { Button, IconButton } from '../../../ui/button'
import { Input } from '../../../ui/field'
import type { Json } from '../model/definition'
import { freeName } from '../model/edit'
import styles from './condition-form.module.css'
import { PlaceContext, useEditor } from './context'
import { Panel, Part } from './panel'
import { ProblemNotes } from './problem-notes'
import { StepIcon } from './step-icon'
import { ValueBox } from './value-box'
import { words } from './words'

/** The outputs of a run. */
export function OutputPanel() {
  const { definition, edit, problems, isReadOnly } = useEditor()
  const output = Object.entries(definition.output ?? {})
  const write = (next: [string, Json][], merging?: string) => {
    const { output: _, ...rest } = definition
    edit(
      next.length > 0 ? { ...rest, output: Object.fromEntries(next) } : rest,
      merging ? { merging: `output ${merging}` } : {},
    )
  }
  const replaced = (at: number, entry: [string, Json]) => output.map((old, index) => (index === at ? entry : old))
  return (
    <PlaceContext value={{ list: null, index: definition.steps.length }}>
      <Panel title={words.output} of="output" icon={<StepIcon type="output" />}>
        <ProblemNotes problems={problems.filter(({ subject }) => subject.kind === 'output')} />
        <Part title={words.configuration}>
          <p className={styles.hint}>{words.outputHint}</p>
          {output.map(([name, value], at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a name can be incomplete while it is typed
            <fieldset className={styles.row} key={at} aria-label={name}>
              <NameInput
                name={name}
                taken={output.map(([other]) => other)}
                isReadOnly={isReadOnly}
                onChange={(next) => write(replaced(at, [next, value]), `${at} name`)}
              />
              <ValueBox
                label={words.outputValue}
                kind="any"
                value={value === '' ? undefined : value}
                onChange={(next) => write(replaced(at, [name, next ?? '']), `${at} value`)}
              />
              {!isReadOnly && (
                <IconButton
                  label={words.removeItem(name)}
                  icon={<X size={14} />}
                  size="small"
                  onClick={() => write(output.filter((_, index) => index !== at))}
                />
              )}
            </fieldset>
          ))}
          {!isReadOnly && (
            <div>
              <Button
                size="small"
                look="quiet"
                icon={<Plus size={13} />}
                onClick={() =>
                  write([
                    ...output,
                    [
                      freeName(
                        'value',
                        output.map(([name]) => name),
                      ),
                      '',
                    ],
                  ])
                }
              >
                {words.addOutput}
              </Button>
            </div>
          )}
        </Part>
      </Panel>
    </PlaceContext>
  )
}

interface NameInputProps {
  name: string
  taken: string[]
  isReadOnly: boolean
  onChange: (name: string) => void
}

/** A name that no other output has; while it is typed it may be a duplicate, and is not saved. */
function NameInput({ name, taken, isReadOnly, onChange }: NameInputProps) {
  const [typed, setTyped] = useState<string>()
  return (
    <Input
      aria-label={words.outputName}
      value={typed ?? name}
      disabled={isReadOnly}
      onChange={(event) => {
        const next = event.target.value
        const isFree = next !== '' && (next === name || !taken.includes(next))
        setTyped(isFree ? undefined : next)
        if (isFree) onChange(next)
      }}
      onBlur={() => setTyped(undefined)}
    />
  )
}

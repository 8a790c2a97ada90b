import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react'
import { Button, IconButton } from '../../../ui/button'
import { Field, Input } from '../../../ui/field'
import { type Choose, find } from '../model/definition'
import { addRoute, changeRoute, isElse, moveRoute, removeRoute } from '../model/edit'
import { ConditionForm } from './condition-form'
import styles from './condition-form.module.css'
import { useEditor } from './context'
import { Part } from './panel'
import { ProblemNotes } from './problem-notes'
import { problemsOfRoute } from './problems'
import { words } from './words'

/** The routes of a conditional, each with its label and its condition. */
export function ConditionalForm({ step }: { step: Choose }) {
  const { definition, edit, problems, isReadOnly, fresh } = useEditor()
  const found = find(definition, step.id)
  return (
    <Part title={words.routes}>
      <p className={styles.hint}>{words.routesHint}</p>
      {step.choose.map((route, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: routes have no key but their index
        <section className={styles.route} key={at} aria-label={route.label}>
          <div className={styles.routeHead}>
            <Field label={words.routeLabel}>
              <Input
                value={route.label}
                disabled={isReadOnly}
                onChange={(event) =>
                  edit(
                    changeRoute(definition, step.id, at, (old) => ({ ...old, label: event.target.value })),
                    { merging: `${step.id} label ${at}` },
                  )
                }
              />
            </Field>
            {!isElse(step, at) && !isReadOnly && (
              <>
                <IconButton
                  label={words.moveRouteUp(route.label)}
                  icon={<ArrowUp size={14} />}
                  disabled={at === 0}
                  onClick={() => edit(moveRoute(definition, step.id, at, -1))}
                />
                <IconButton
                  label={words.moveRouteDown(route.label)}
                  icon={<ArrowDown size={14} />}
                  disabled={at >= step.choose.length - 2}
                  onClick={() => edit(moveRoute(definition, step.id, at, 1))}
                />
                <IconButton
                  label={words.removeRoute(route.label)}
                  icon={<Trash2 size={14} />}
                  onClick={() => edit(removeRoute(definition, step.id, at))}
                />
              </>
            )}
          </div>
          {!isElse(step, at) && (
            <ConditionForm
              condition={route.when}
              onChange={(when, merging) =>
                edit(
                  changeRoute(definition, step.id, at, (old) => ({ ...old, when: when ?? { any: [{ all: [] }] } })),
                  merging ? { merging: `${step.id} when ${at} ${merging}` } : {},
                )
              }
            />
          )}
          {found && fresh !== step.id && <ProblemNotes problems={problemsOfRoute(problems, found, at)} />}
        </section>
      ))}
      {!isReadOnly && (
        <div>
          <Button
            size="small"
            look="quiet"
            icon={<Plus size={13} />}
            onClick={() => edit(addRoute(definition, step.id, words.route(step.choose.length)))}
          >
            {words.addRoute}
          </Button>
        </div>
      )}
    </Part>
  )
}

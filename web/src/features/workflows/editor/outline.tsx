import { type KeyboardEvent, useRef } from 'react'
import { type Definition, isAction, isChoose, type ListPath, type Place, titleOf } from '../model/definition'
import { OUTPUT, TRIGGER } from './canvas'
import { useEditor } from './context'
import styles from './outline.module.css'
import { problemsOf } from './problems'
import { StepIcon } from './step-icon'
import { triggerInWords } from './summary'
import { words } from './words'

interface Line {
  key: string
  /** The step that it selects: a route selects its conditional. */
  selects: string
  level: number
  label: string
  kind: string
  /** The place where a step is added after it. */
  after: Place
  type: string
}

/**
 * The same tree as a list, for keys and screen readers: it edits the same definition. Up and down move, Enter opens,
 * `a` adds a step after, Delete removes one.
 */
export function Outline({
  selected,
  onSelect,
  onAdd,
}: {
  selected: string | undefined
  onSelect: (key: string) => void
  onAdd: (place: Place) => void
}) {
  const { definition, eventTypes, stepTypes, problems, remove, isReadOnly } = useEditor()
  const labelOf = (key: string) => stepTypes.find((type) => type.key === key)?.label ?? key
  const lines = linesOf(definition, triggerInWords(definition, eventTypes), labelOf)
  const tree = useRef<HTMLDivElement>(null)
  const stop = lines.some(({ key }) => key === selected) ? selected : TRIGGER

  const focus = (key: string | undefined) => {
    if (key) tree.current?.querySelector<HTMLElement>(`[data-line="${CSS.escape(key)}"]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>, line: Line, at: number) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const parent = () => lines.slice(0, at).findLast((other) => other.level < line.level)?.key
    const child = () => (lines[at + 1]?.level === line.level + 1 ? lines[at + 1]?.key : undefined)
    switch (event.key) {
      case 'ArrowDown':
        focus(lines[at + 1]?.key)
        break
      case 'ArrowUp':
        focus(lines[at - 1]?.key)
        break
      case 'ArrowLeft':
        focus(parent())
        break
      case 'ArrowRight':
        focus(child())
        break
      case 'Home':
        focus(lines[0]?.key)
        break
      case 'End':
        focus(lines.at(-1)?.key)
        break
      case 'Enter':
      case ' ':
        onSelect(line.selects)
        break
      case 'a':
        if (isReadOnly) return
        onAdd(line.after)
        break
      case 'Delete':
        if (isReadOnly || line.type === 'route' || line.key.startsWith('#')) return
        focus(lines[at - 1]?.key)
        remove(line.selects)
        break
      default:
        return
    }
    event.preventDefault()
  }

  return (
    <nav className={styles.outline} aria-label={words.outline}>
      <p className={styles.hint}>{words.outlineHint}</p>
      <div className={styles.tree} role="tree" aria-label={words.canvas} ref={tree}>
        {lines.map((line, at) => {
          const count = line.type === 'route' ? 0 : problemsOf(problems, line.selects).length
          return (
            <div
              key={line.key}
              className={styles.line}
              role="treeitem"
              data-line={line.key}
              data-level={line.level}
              aria-level={line.level}
              aria-selected={line.key === selected}
              aria-expanded={line.type === 'choose' || line.type === 'route' ? true : undefined}
              aria-label={[line.label, line.kind !== line.label && line.kind, count > 0 && words.problems(count)]
                .filter(Boolean)
                .join(', ')}
              tabIndex={line.key === stop ? 0 : -1}
              onClick={() => onSelect(line.selects)}
              onKeyDown={(event) => onKeyDown(event, line, at)}
            >
              {line.type !== 'route' && <StepIcon type={line.type} />}
              <span className={styles.label}>{line.label}</span>
              {count > 0 && <span className={styles.count}>{count}</span>}
            </div>
          )
        })}
      </div>
    </nav>
  )
}

function linesOf(definition: Definition, trigger: string, labelOf: (type: string) => string): Line[] {
  const lines: Line[] = [
    {
      key: TRIGGER,
      selects: TRIGGER,
      level: 1,
      label: `${words.trigger}: ${trigger}`,
      kind: words.trigger,
      after: { list: null, index: 0 },
      type: 'trigger',
    },
  ]
  const take = (steps: Definition['steps'], list: ListPath, level: number) => {
    for (const [index, step] of steps.entries()) {
      const kind = isAction(step) ? labelOf(step.do) : words.conditional
      const type = isAction(step) ? step.do : 'choose'
      lines.push({
        key: step.id,
        selects: step.id,
        level,
        label: titleOf(step),
        kind,
        after: { list, index: index + 1 },
        type,
      })
      if (!isChoose(step)) continue
      for (const [route, { label, steps: inner }] of step.choose.entries()) {
        const within = { step: step.id, route }
        lines.push({
          key: `${step.id}/${route}`,
          selects: step.id,
          level: level + 1,
          label,
          kind: words.routeKind,
          after: { list: within, index: 0 },
          type: 'route',
        })
        take(inner, within, level + 2)
      }
    }
  }
  take(definition.steps, null, 1)
  lines.push({
    key: OUTPUT,
    selects: OUTPUT,
    level: 1,
    label: words.output,
    kind: words.output,
    after: { list: null, index: definition.steps.length },
    type: 'output',
  })
  return lines
}

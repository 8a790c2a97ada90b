import { CircleAlert, CirclePause, Plus, Redo } from 'lucide-react'
import {
  type KeyboardEvent,
  memo,
  type PointerEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
} from 'react'
import { classes } from '../../../ui/class-names'
import {
  type Choose,
  type Definition,
  isAction,
  isChoose,
  type Place,
  type Route,
  type Step,
  stepsOf,
  titleOf,
} from '../model/definition'
import styles from './canvas.module.css'
import type { EventType, StepType } from './catalogue'
import { StepIcon } from './step-icon'
import { conditionInWords, type Names, stepInWords, triggerInWords } from './summary'
import { words } from './words'

/** The result of a step in a run, as the run page shows it. */
export type Paint = 'succeeded' | 'failed' | 'continued' | 'skipped' | 'not-reached'

interface TreeProps {
  definition: Definition
  stepTypes: StepType[]
  eventTypes: EventType[]
  /** The names of values, such as a template's by its id. */
  known: Map<string, string>
  selected: string | undefined
  /** The card scrolled into view if none is selected. */
  first?: string | undefined
  onSelect: (key: string) => void
  /** Adds circles where steps can be added. */
  onAdd?: (place: Place) => void
  problemsOf?: (key: string) => number
  /** The result of each step and the route of each conditional, on the page of a run. */
  paint?: { of: (id: string) => Paint; routeOf: (id: string) => string | undefined; label: (paint: Paint) => string }
}

/** The keys of the cards that are not steps. */
export const TRIGGER = '#trigger'
export const OUTPUT = '#output'

/**
 * A workflow from top to bottom: the trigger first, Output Data last, a circle on every connection. The layout is
 * computed; nothing is dragged. Arrow keys move from card to card.
 */
export function Canvas({ onSelect: select, onAdd: add, first = TRIGGER, ...given }: TreeProps) {
  const [onSelect, onAdd] = [useLasting(select), useLasting(add)]
  const props = { ...given, onSelect, ...(add ? { onAdd } : {}) }
  const { definition, eventTypes, selected, problemsOf } = props
  const names = useMemo(() => namesOf(definition, props.known), [definition, props.known])
  const outputs = Object.keys(definition.output ?? {}).length
  const canvas = useRef<HTMLDivElement>(null)
  const inView = selected ?? first
  useEffect(() => {
    const card = canvas.current?.querySelector(`[data-card="${CSS.escape(inView)}"]`)
    card?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [inView])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of cards is not a set of form fields
    <div
      className={styles.canvas}
      role="group"
      aria-label={words.canvas}
      ref={canvas}
      onKeyDown={walk}
      onPointerDown={dragAlong}
    >
      <div className={styles.tree}>
        <Card
          cardKey={TRIGGER}
          type="trigger"
          kind={words.trigger}
          title={triggerInWords(definition, eventTypes)}
          line={conditionInWords(definition.trigger.where, names)}
          isSelected={selected === TRIGGER}
          problems={problemsOf?.(TRIGGER) ?? 0}
          onSelect={onSelect}
        />
        <List {...props} names={names} steps={definition.steps} list={null} before={words.trigger} />
        <Card
          cardKey={OUTPUT}
          type="output"
          kind={words.output}
          title={outputs > 0 ? words.outputs(outputs) : words.outputNone}
          isSelected={selected === OUTPUT}
          problems={problemsOf?.(OUTPUT) ?? 0}
          onSelect={onSelect}
        />
      </div>
    </div>
  )
}

/** A stable function that calls the last one given, so that memoized components need not be drawn again. */
function useLasting<Given>(act: ((given: Given) => void) | undefined): (given: Given) => void {
  const last = useRef(act)
  last.current = act
  return useCallback((given: Given) => last.current?.(given), [])
}

/** The names of the roots of references. */
export function namesOf(definition: Definition, known: Map<string, string>): Names {
  const steps = Array.from(stepsOf(definition), ({ step }) => ({ path: step.id, label: titleOf(step) }))
  const types = new Set(definition.trigger.on.map((event) => event.split('.')[0] ?? null))
  const objectType = types.size === 1 && !types.has('api') ? ([...types][0] ?? null) : null
  return { roots: [{ path: 'trigger', label: words.trigger, objectType }, ...steps], known }
}

interface ListProps extends TreeProps {
  names: Names
  steps: Step[]
  list: Place['list']
  /** The label of what precedes the first circle. */
  before: string
}

function List({ steps, list, before, ...tree }: ListProps) {
  const { onAdd } = tree
  return (
    <>
      <Circle onAdd={onAdd} list={list} index={0} label={list === null ? words.addFirst : words.addInRoute(before)} />
      {steps.map((step, index) => (
        <div className={styles.slot} key={step.id}>
          <StepCard {...tree} step={step} />
          <Circle onAdd={onAdd} list={list} index={index + 1} label={words.addAfter(titleOf(step))} />
        </div>
      ))}
    </>
  )
}

interface CircleProps {
  onAdd: TreeProps['onAdd']
  list: Place['list']
  index: number
  label: string
}

/** The connection between two cards; its circle shows a + on hover and focus. */
const Circle = memo(function Circle({ onAdd, list, index, label }: CircleProps) {
  return (
    <div className={styles.connection}>
      {onAdd && (
        <button
          type="button"
          className={styles.circle}
          aria-label={label}
          title={label}
          data-walk
          onClick={() => onAdd({ list, index })}
        >
          <Plus size={12} strokeWidth={3} aria-hidden />
        </button>
      )}
    </div>
  )
})

interface StepCardProps extends TreeProps {
  names: Names
  step: Step
}

function StepCard({ step, ...tree }: StepCardProps) {
  const { stepTypes, names, selected, problemsOf, paint, onSelect } = tree
  const type = isAction(step) ? stepTypes.find(({ key }) => key === step.do) : undefined
  const painted = paint?.of(step.id)
  return (
    <>
      <Card
        cardKey={step.id}
        type={isAction(step) ? step.do : 'choose'}
        category={type?.category}
        kind={isAction(step) ? (type?.label ?? step.do) : words.conditional}
        title={titleOf(step)}
        line={stepInWords(step, type, names)}
        continues={isAction(step) && step.on_error === 'continue'}
        isOff={step.disabled === true}
        isSelected={selected === step.id}
        problems={problemsOf?.(step.id) ?? 0}
        paint={painted}
        paintLabel={painted && paint?.label(painted)}
        onSelect={onSelect}
      />
      {isChoose(step) && <Routes {...tree} step={step} />}
    </>
  )
}

function Routes({ step, ...tree }: Omit<StepCardProps, 'step'> & { step: Choose }) {
  const taken = tree.paint?.routeOf(step.id)
  return (
    <div className={styles.routes}>
      {step.choose.map((route, at) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: routes have no key but their index
          key={at}
          className={classes(styles.route, tree.paint && (route.label === taken ? styles.taken : styles.passed))}
        >
          <RouteHead route={route} names={tree.names} onSelect={() => tree.onSelect(step.id)} />
          <List {...tree} steps={route.steps} list={{ step: step.id, route: at }} before={route.label} />
        </div>
      ))}
    </div>
  )
}

function RouteHead({ route, names, onSelect }: { route: Route; names: Names; onSelect: () => void }) {
  const condition = conditionInWords(route.when, names)
  return (
    <button type="button" className={styles.label} data-walk title={condition} onClick={onSelect}>
      <span className={styles.routeName}>{route.label}</span>
      {condition && <span className={styles.condition}>{condition}</span>}
    </button>
  )
}

interface CardProps {
  cardKey: string
  /** The type that its icon represents. */
  type: string
  category?: string | undefined
  kind: string
  title: string
  line?: string
  continues?: boolean
  isOff?: boolean
  isSelected: boolean
  problems: number
  paint?: Paint | undefined
  paintLabel?: string | undefined
  onSelect: (key: string) => void
}

const Card = memo(function Card({
  cardKey,
  type,
  category,
  kind,
  title,
  line,
  continues,
  isOff,
  isSelected,
  problems,
  paint,
  paintLabel,
  onSelect,
}: CardProps) {
  return (
    <button
      type="button"
      className={classes(styles.card, isOff && styles.off, paint && styles[paint])}
      data-walk
      data-card={cardKey}
      aria-pressed={isSelected}
      onClick={() => onSelect(cardKey)}
    >
      <span className={styles.icon}>
        <StepIcon type={type} category={category} />
      </span>
      <span className={styles.text}>
        <span className={styles.top}>
          <span className={styles.title}>{title}</span>
          {paintLabel && <span className={styles.paintLabel}>{paintLabel}</span>}
        </span>
        {kind !== title && <span className={styles.kind}>{kind}</span>}
        {line && <span className={styles.line}>{line}</span>}
      </span>
      {continues && <Mark icon={<Redo size={13} />} label={words.continues} />}
      {isOff && <Mark icon={<CirclePause size={13} />} label={words.disabled} />}
      {problems > 0 && (
        <span className={styles.problem}>
          <Mark icon={<CircleAlert size={14} />} label={words.problems(problems)} />
        </span>
      )}
    </button>
  )
})

function Mark({ icon, label }: { icon: ReactNode; label: string }) {
  return (
    <span className={styles.mark} role="img" aria-label={label} title={label}>
      {icon}
    </span>
  )
}

/**
 * Arrow keys: down and up move to the next and previous card in document order, right and left to the next and last
 * card.
 */
function walk(event: KeyboardEvent<HTMLElement>) {
  const steps = { ArrowDown: 1, ArrowUp: -1 } as Record<string, number>
  const by = steps[event.key]
  const isEnd = event.key === 'Home' || event.key === 'End'
  if ((by === undefined && !isEnd) || event.altKey || event.ctrlKey || event.metaKey) return
  const stops = Array.from(event.currentTarget.querySelectorAll<HTMLElement>('[data-walk]'))
  const here = stops.indexOf(document.activeElement as HTMLElement)
  if (here < 0) return
  const next = isEnd ? stops.at(event.key === 'Home' ? 0 : -1) : stops[here + (by ?? 0)]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  event.preventDefault()
}

/**
 * A tree that is wider than its container can be dragged by its background, for pointers without horizontal scrolling.
 */
function dragAlong(event: PointerEvent<HTMLElement>) {
  const canvas = event.currentTarget
  const { left, top } = canvas.getBoundingClientRect()
  const isOnScrollbar = event.clientX - left >= canvas.clientWidth || event.clientY - top >= canvas.clientHeight
  const isOnGround = event.target instanceof Element && !event.target.closest('button') && !isOnScrollbar
  if (event.pointerType !== 'mouse' || event.button !== 0 || !isOnGround) return
  const done = new AbortController()
  const { signal } = done
  const onMove = ({ movementX, movementY }: globalThis.PointerEvent) => canvas.scrollBy(-movementX, -movementY)
  canvas.setPointerCapture(event.pointerId)
  canvas.addEventListener('pointermove', onMove, { signal })
  canvas.addEventListener('lostpointercapture', () => done.abort(), { signal })
}

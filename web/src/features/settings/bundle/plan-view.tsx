import type { ReactNode } from 'react'
import { Badge, type Tone } from '../../../ui/badge'
import { Notice } from '../../../ui/notice'
import { Muted, Row, Stack } from '../../../ui/stack'
import type { Item, Plan, PlanProblem } from './bundle'
import styles from './bundle.module.css'
import { words } from './words'

const TONES: Record<Item['action'], Tone> = {
  create: 'good',
  change: 'info',
  unchanged: 'neutral',
  'only-here': 'neutral',
}

/** The changes of a bundle, by type, and its problems. */
export function PlanView({ plan }: { plan: Plan }) {
  const blocking = plan.problems.filter(({ blocks }) => blocks)
  const advice = plan.problems.filter(({ blocks }) => !blocks)
  return (
    <Stack gap={3}>
      {blocking.length > 0 && <Problems tone="bad" title={words.blocked} problems={blocking} />}
      {advice.length > 0 && <Problems tone="warn" title={words.advice} problems={advice} />}
      {Object.entries(words.nouns).map(([noun, title]) => (
        <Items key={noun} title={title} items={plan.items.filter(({ type }) => type === noun)} />
      ))}
      {!plan.complete && <Muted>{words.isIncomplete}</Muted>}
    </Stack>
  )
}

function Problems({ tone, title, problems }: { tone: 'bad' | 'warn'; title: string; problems: PlanProblem[] }) {
  return (
    <Notice tone={tone} isAlert={tone === 'bad'}>
      {title}
      <ul>
        {problems.map(({ slug, at, message }) => (
          <li key={`${slug} ${at} ${message}`}>{words.messageAt(slug, at, message)}</li>
        ))}
      </ul>
    </Notice>
  )
}

function Items({ title, items }: { title: string; items: Item[] }) {
  if (items.length === 0) return null
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <ul className={styles.list}>
        {items.map((item) => (
          <li key={item.slug} className={styles.item}>
            <Row wraps>
              <strong>{item.name}</strong>
              <span className={styles.slug}>{item.slug}</span>
              <Badge tone={TONES[item.action]}>{words.actions[item.action]}</Badge>
              {item.publishes && <Badge tone="accent">{words.published}</Badge>}
            </Row>
            {item.overwrites && <p className={styles.note}>{words.overwrites}</p>}
            {item.changes.length > 0 && <Changes item={item} />}
            {item.kept.length > 0 && <p className={styles.note}>{words.kept(item.kept.join(', '))}</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Changes({ item }: { item: Item }) {
  return (
    <table className={styles.changes} aria-label={item.name}>
      <thead>
        <tr>
          <th scope="col">{words.place}</th>
          <th scope="col">{words.before}</th>
          <th scope="col">{words.after}</th>
        </tr>
      </thead>
      <tbody>
        {item.changes.map(({ at, before, after }) => (
          <tr key={at}>
            <th scope="row">{at}</th>
            <td>{shown(before)}</td>
            <td>{shown(after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A value for display: a text and a list of texts as they are, anything with members as JSON. */
function shown(value: unknown): ReactNode {
  const isFlat = Array.isArray(value) && value.every((item) => typeof item !== 'object')
  const text = isFlat ? value.join(', ') : value
  if (text === null || text === undefined || text === '') return <span className={styles.none}>{words.none}</span>
  return typeof text === 'object' ? <code>{JSON.stringify(text, null, 2)}</code> : String(text)
}

import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listQuery } from '../../api/queries'
import type { CaseAttributes, EventAttributes } from '../../api/resources'
import { CaseStatus } from '../../forms/case-status'
import { EventLine } from '../../forms/event-line'
import { ListState } from '../../forms/query-state'
import { valuesInWords } from '../../forms/values'
import { Card } from '../../ui/card'
import { Details } from '../../ui/details'
import { Muted, Row } from '../../ui/stack'
import { Empty } from '../../ui/states'
import { ofName } from '../../words/name'
import styles from './related.module.css'
import { words } from './words'

type Fields = Record<string, { type: string; value: unknown } | undefined>

/** The fields of an object. */
export function FieldsCard({ fields }: { fields: Fields }) {
  const set = Object.entries(fields).flatMap(([key, field]) => {
    const value = field?.value
    return value === null || value === undefined || value === '' ? [] : [{ key, value, type: field?.type }]
  })
  const facts = valuesInWords(set).map(({ key, shown }): [string, string] => [
    words.fieldNames[key] ?? ofName(key),
    shown,
  ])
  return (
    <Card title={words.fields}>{facts.length > 0 ? <Details facts={facts} /> : <Muted>{words.noFields}</Muted>}</Card>
  )
}

/** The cases that contain an object. */
export function CasesCard({ filter, id }: { filter: 'account-id' | 'inquiry-id'; id: string }) {
  const query = useInfiniteQuery(
    listQuery<CaseAttributes, '/cases'>(['case', 'list', filter, id], '/cases', {
      query: { [`filter[${filter}]`]: id },
    }),
  )
  return (
    <Card title={words.cases}>
      <ListState query={query} isInline empty={<Muted>{words.noCases}</Muted>}>
        {(rows) => (
          <ul className={styles.list}>
            {rows.map((row) => (
              <li key={row.id}>
                <Row>
                  <Link to="/cases/$caseId" params={{ caseId: row.id }}>
                    {row.attributes.name}
                  </Link>
                  <CaseStatus of={row} />
                </Row>
              </li>
            ))}
          </ul>
        )}
      </ListState>
    </Card>
  )
}

/** The events of an object. */
export function HistoryCard({ id }: { id: string }) {
  const query = useInfiniteQuery(
    listQuery<EventAttributes, '/events'>(['event', 'list', 'object', id], '/events', {
      query: { 'filter[object-id]': id },
    }),
  )
  return (
    <Card title={words.history} isBare>
      <ListState query={query} isInline empty={<Empty isInline title={words.noEvents} hint={words.noEventsHint} />}>
        {(rows) => (
          <ul className={styles.lines}>
            {rows.map((event) => (
              <EventLine key={event.id} event={event} isOwn />
            ))}
          </ul>
        )}
      </ListState>
    </Card>
  )
}

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Resource } from '../../api/document'
import { wholeQuery } from '../../api/queries'
import { type InquiryAttributes, nameOfAccount, nameOfInquiry } from '../../api/resources'
import { QueryState } from '../../forms/query-state'
import { amountIn } from '../../forms/values'
import { Badge } from '../../ui/badge'
import { Moment } from '../../ui/moment'
import { Empty } from '../../ui/states'
import { ofName } from '../../words/name'
import styles from './case-page.module.css'
import { words } from './words'

type Held = Record<string, unknown> & {
  status?: string
  createdAt?: string
  referenceId?: string | null
  fields?: InquiryAttributes['fields']
  accountStatus?: string
}

/** Every object of the case, each with a link. */
export function HeldObjects({ caseId }: { caseId: string }) {
  const query = useQuery(
    wholeQuery<Held, '/cases/{case-id}/objects'>(['case', caseId, 'objects'], '/cases/{case-id}/objects', {
      path: { 'case-id': caseId },
    }),
  )
  return (
    <QueryState query={query} isInline>
      {({ data }) =>
        data.length === 0 ? (
          <Empty isInline title={words.noObjects} hint={words.noObjectsHint} />
        ) : (
          <ul className={styles.list}>
            {data.map((held) => (
              <li key={`${held.type} ${held.id}`} className={styles.object}>
                <span className={styles.kind}>{words.objectKinds[held.type] ?? held.type}</span>
                <span className={styles.name}>
                  <HeldLink held={held} />
                </span>
                {held.attributes.status && <Badge>{ofName(held.attributes.status)}</Badge>}
                <span className={styles.when}>
                  <Moment at={held.attributes.createdAt} />
                </span>
              </li>
            ))}
          </ul>
        )
      }
    </QueryState>
  )
}

function HeldLink({ held: { type, id, attributes } }: { held: Resource<Held> }) {
  const { fields = {}, referenceId = null } = attributes
  const name =
    type === 'account' ? nameOfAccount(id, { fields, referenceId }) : nameOfInquiry(id, { fields, referenceId })
  if (type === 'account') {
    return (
      <Link to="/objects/accounts/$accountId" params={{ accountId: id }}>
        {name}
      </Link>
    )
  }
  if (type === 'inquiry') {
    return (
      <Link to="/objects/inquiries/$inquiryId" params={{ inquiryId: id }}>
        {name}
      </Link>
    )
  }
  return <span title={id}>{name === id ? (amountIn(fields) ?? id) : name}</span>
}

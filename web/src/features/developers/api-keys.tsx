import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { call } from '../../api/client'
import type { One, Resource } from '../../api/document'
import { listQuery, oneQuery } from '../../api/queries'
import { useMay } from '../../api/session'
import type { Shown } from '../../api/shapes'
import { useChange } from '../../forms/change'
import { ListTable } from '../../forms/list-table'
import { Once } from '../../forms/once'
import { ChangedMeanwhile, useOpened } from '../../forms/opened'
import { ProblemNotice } from '../../forms/problem-notice'
import { Badge } from '../../ui/badge'
import { Button } from '../../ui/button'
import { Confirm } from '../../ui/dialog'
import { Field, Select } from '../../ui/field'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { toast } from '../../ui/toast'
import { Naming } from './naming'
import { words } from './words'

type KeyAttributes = Shown<'list-all-api-keys'>

type Key = Resource<KeyAttributes>

type CaseFields = 'plain' | 'typed'

interface NewKey {
  name: string
  caseFields: CaseFields
}

/** The keys that programs use: created, copied once, expired. */
export function ApiKeys() {
  const mayWrite = useMay('api_key.write')
  const client = useQueryClient()
  const [isNaming, setIsNaming] = useState(false)
  const [expiring, setExpiring] = useState<Key>()
  const [caseFields, setCaseFields] = useState<CaseFields>('plain')
  const [made, setMade] = useState<{ name: string; value: string }>()
  const query = useInfiniteQuery(listQuery<KeyAttributes, '/api-keys'>(['api-key', 'list'], '/api-keys', {}))
  const again = () => client.invalidateQueries({ queryKey: ['api-key'] })
  const create = useChange<Resource<Shown<'create-an-api-key'>>, NewKey>({
    send: async (wanted, sending) => {
      const answer = await call<One<Shown<'create-an-api-key'>>, '/api-keys'>('post', '/api-keys', {
        body: { data: { attributes: { ...wanted } } },
        ...sending,
      })
      return answer.value.data
    },
    onSuccess: ({ attributes }) => {
      setIsNaming(false)
      setMade({ name: attributes.name, value: attributes.value })
      return again()
    },
  })
  const open = () => {
    setCaseFields('plain')
    setIsNaming(true)
  }
  const button = mayWrite && (
    <Button look="primary" icon={<Plus size={14} />} onClick={open}>
      {words.newKey}
    </Button>
  )
  return (
    <Page title={words.apiKeys} body="bare" actions={button}>
      <ListTable
        query={query}
        label={words.apiKeys}
        columns={columnsWith(mayWrite ? setExpiring : undefined)}
        empty={<Empty title={words.noKeys} hint={words.noKeysHint} action={button} />}
      />
      {isNaming && (
        <Naming
          title={words.newKey}
          hint={words.newKeyHint}
          label={words.keyName}
          isBusy={create.isPending}
          problem={create.error}
          onName={(name) => create.mutate({ name, caseFields })}
          onClose={() => {
            setIsNaming(false)
            create.cancel()
          }}
        >
          <Field label={words.caseFields} hint={words.caseFieldsHint}>
            <Select
              value={caseFields}
              onChange={({ target }) => setCaseFields(target.value === 'typed' ? 'typed' : 'plain')}
            >
              <option value="plain">{words.plainFields}</option>
              <option value="typed">{words.typedFields}</option>
            </Select>
          </Field>
        </Naming>
      )}
      {made && <Once title={made.name} secret={made.value} onClose={() => setMade(undefined)} />}
      {expiring && <ExpireKey of={expiring} onClose={() => setExpiring(undefined)} />}
    </Page>
  )
}

/** Asks before a key expires, and sends the version shown at that time. */
function ExpireKey({ of: { id, attributes }, onClose }: { of: Key; onClose: () => void }) {
  const client = useQueryClient()
  const key = useQuery({
    ...oneQuery<KeyAttributes, '/api-keys/{api-key-id}'>(['api-key', id], '/api-keys/{api-key-id}', {
      path: { 'api-key-id': id },
    }),
    staleTime: 0,
  })
  const opened = useOpened(key.isFetching ? undefined : key.data?.etag)
  const again = () => client.invalidateQueries({ queryKey: ['api-key'] })
  const expire = useChange<unknown>({
    send: (_, sending) =>
      call('post', '/api-keys/{api-key-id}/expire', {
        path: { 'api-key-id': id },
        body: { meta: { expiresInSeconds: 0 } },
        ...(opened.etag ? { ifMatch: opened.etag } : {}),
        ...sending,
      }),
    outcome: async () => {
      await again()
      return words.checkKey
    },
    onSuccess: () => {
      toast.done(words.expiredNow(attributes.name))
      onClose()
    },
    onSettled: () => void again(),
  })
  const isStale = expire.error?.kind === 'stale' || (opened.isStale && !expire.isPending)
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={words.expireTitle(attributes.name)}
      description={words.expireHint}
      confirm={words.expire}
      isDangerous
      isBusy={expire.isPending}
      isReady={opened.etag !== undefined && !isStale}
      onConfirm={() => expire.mutate()}
    >
      {isStale ? (
        <ChangedMeanwhile
          objectId={id}
          since={opened.etag}
          onLook={() => {
            opened.look()
            expire.reset()
          }}
        />
      ) : (
        <ProblemNotice problem={expire.error} title={words.cantExpire} />
      )}
    </Confirm>
  )
}

const isExpired = ({ attributes: { expiresAt } }: Key) => expiresAt !== null && Date.parse(expiresAt) <= Date.now()

function columnsWith(onExpire: ((key: Key) => void) | undefined): Column<Key>[] {
  return [
    { key: 'name', label: words.keyName, cell: ({ attributes }) => attributes.name },
    { key: 'version', label: words.version, width: 8, isMuted: true, cell: ({ attributes }) => attributes.apiVersion },
    {
      key: 'fields',
      label: words.caseFields,
      width: 9,
      isMuted: true,
      cell: ({ attributes }) => (attributes.caseFields === 'typed' ? words.typedFields : words.plainFields),
    },
    {
      key: 'permissions',
      label: words.permissions,
      width: 10,
      isMuted: true,
      cell: ({ attributes }) => words.count(attributes.permissions.length),
    },
    {
      key: 'created',
      label: words.created,
      width: 8,
      isMuted: true,
      cell: ({ attributes }) => <Moment at={attributes.createdAt} />,
    },
    {
      key: 'expires',
      label: words.expires,
      width: 8,
      isMuted: true,
      cell: (key) => {
        if (isExpired(key)) return <Badge tone="bad">{words.expired}</Badge>
        return key.attributes.expiresAt ? <Moment at={key.attributes.expiresAt} /> : words.never
      },
    },
    {
      key: 'deeds',
      label: '',
      width: 7,
      align: 'end',
      cell: (key) =>
        onExpire &&
        !isExpired(key) && (
          <Button
            size="small"
            look="quiet"
            aria-label={words.expireTitle(key.attributes.name)}
            onClick={() => onExpire(key)}
          >
            {words.expire}
          </Button>
        ),
    },
  ]
}

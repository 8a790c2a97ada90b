import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { call, root } from '../../api/client'
import type { One, Resource } from '../../api/document'
import { listQuery } from '../../api/queries'
import { useMay } from '../../api/session'
import type { Shown } from '../../api/shapes'
import { useChange } from '../../forms/change'
import { ListTable } from '../../forms/list-table'
import { Once } from '../../forms/once'
import { Button } from '../../ui/button'
import { CopyId } from '../../ui/copy-id'
import { Confirm } from '../../ui/dialog'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { toast } from '../../ui/toast'
import { Naming } from './naming'
import { words } from './words'

type SourceAttributes = Shown<'list-sources'>

type Source = Resource<SourceAttributes>
/** With its secret, which is shown this once. */
type Made = Resource<Shown<'create-a-source'>>

/** Where vendors post their webhooks: an address and a secret for each. */
export function Sources() {
  const mayWrite = useMay('source.write')
  const client = useQueryClient()
  const [isNaming, setIsNaming] = useState(false)
  const [rotating, setRotating] = useState<Source>()
  const [made, setMade] = useState<{ name: string; secret: string }>()
  const query = useInfiniteQuery(listQuery<SourceAttributes, '/sources'>(['source', 'list'], '/sources', {}))
  const show = ({ attributes }: Made) => {
    setIsNaming(false)
    setRotating(undefined)
    setMade({ name: attributes.name, secret: attributes.secret })
    return client.invalidateQueries({ queryKey: ['source'] })
  }
  const create = useChange<Made, string>({
    send: async (name, sending) => {
      const answer = await call<One<Shown<'create-a-source'>>, '/sources'>('post', '/sources', {
        body: { data: { attributes: { name } } },
        ...sending,
      })
      return answer.value.data
    },
    onSuccess: show,
  })
  const rotate = useChange<Made, Source>({
    send: async ({ id, attributes }, sending) => {
      const path = { 'source-id': id }
      const answer = await call<One<Shown<'rotate-a-source'>>, '/sources/{source-id}/rotate'>(
        'post',
        '/sources/{source-id}/rotate',
        { path, body: {}, ifMatch: `"${attributes.version}"`, ...sending },
      )
      return answer.value.data
    },
    onSuccess: show,
    onError: (problem) => {
      if (problem.kind === 'stale') setRotating(undefined)
      toast.failed(words.cantRotate, { detail: problem.kind === 'stale' ? words.rotatedMeanwhile : problem.message })
      return client.invalidateQueries({ queryKey: ['source'] })
    },
  })
  const button = mayWrite && (
    <Button look="primary" icon={<Plus size={14} />} onClick={() => setIsNaming(true)}>
      {words.newSource}
    </Button>
  )
  return (
    <Page title={words.sources} body="bare" actions={button}>
      <ListTable
        query={query}
        label={words.sources}
        columns={columnsWith(mayWrite ? setRotating : undefined)}
        empty={<Empty title={words.noSources} hint={words.noSourcesHint} action={button} />}
      />
      {isNaming && (
        <Naming
          title={words.newSource}
          hint={words.newSourceHint}
          label={words.sourceName}
          isBusy={create.isPending}
          problem={create.error}
          onName={(name) => create.mutate(name)}
          onClose={() => {
            setIsNaming(false)
            create.cancel()
          }}
        />
      )}
      {made && <Once title={made.name} secret={made.secret} onClose={() => setMade(undefined)} />}
      <Confirm
        isOpen={rotating !== undefined}
        onClose={() => {
          setRotating(undefined)
          rotate.cancel()
        }}
        title={words.rotateTitle(rotating?.attributes.name ?? '')}
        description={words.rotateHint}
        confirm={words.rotate}
        isBusy={rotate.isPending}
        onConfirm={() => rotating && rotate.mutate(rotating)}
      />
    </Page>
  )
}

function columnsWith(onRotate: ((source: Source) => void) | undefined): Column<Source>[] {
  return [
    { key: 'name', label: words.sourceName, width: 14, cell: ({ attributes }) => attributes.name },
    {
      key: 'address',
      label: words.address,
      cell: ({ attributes }) => <CopyId id={new URL(attributes.url.replace(/^\//, ''), root).href} isWhole />,
    },
    {
      key: 'created',
      label: words.created,
      width: 8,
      isMuted: true,
      cell: ({ attributes }) => <Moment at={attributes.createdAt} />,
    },
    {
      key: 'rotating',
      label: words.rotating,
      width: 10,
      isMuted: true,
      cell: ({ attributes }) => <Moment at={attributes.formerSecretExpiresAt} />,
    },
    {
      key: 'deeds',
      label: '',
      width: 8,
      align: 'end',
      cell: (source) =>
        onRotate && (
          <Button
            size="small"
            look="quiet"
            aria-label={words.rotateTitle(source.attributes.name)}
            onClick={() => onRotate(source)}
          >
            {words.rotate}
          </Button>
        ),
    },
  ]
}

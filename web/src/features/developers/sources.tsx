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
import { ProblemNotice } from '../../forms/problem-notice'
import { Button } from '../../ui/button'
import { CopyId } from '../../ui/copy-id'
import { Confirm } from '../../ui/dialog'
import { Field, TextArea } from '../../ui/field'
import { FormDialog } from '../../ui/form-dialog'
import { Moment } from '../../ui/moment'
import { Page } from '../../ui/page'
import { Row, Stack } from '../../ui/stack'
import { Empty } from '../../ui/states'
import type { Column } from '../../ui/table'
import { toast } from '../../ui/toast'
import { Naming } from './naming'
import { words } from './words'

type SourceAttributes = Shown<'list-sources'>

type Source = Resource<SourceAttributes>
/** A source with its secret, which is shown once. */
type Made = Resource<Shown<'create-a-source'>>

/** The endpoints for vendors' webhooks: an address and a secret for each. */
export function Sources() {
  const mayWrite = useMay('source.write')
  const client = useQueryClient()
  const [isNaming, setIsNaming] = useState(false)
  const [allowList, setAllowList] = useState('')
  const [rotating, setRotating] = useState<Source>()
  const [editing, setEditing] = useState<Source>()
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
      const entries = entriesOf(allowList)
      const answer = await call<One<Shown<'create-a-source'>>, '/sources'>('post', '/sources', {
        body: { data: { attributes: entries.length > 0 ? { name, allowList: entries } : { name } } },
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
    <Button
      look="primary"
      icon={<Plus size={14} />}
      onClick={() => {
        setAllowList('')
        setIsNaming(true)
      }}
    >
      {words.newSource}
    </Button>
  )
  return (
    <Page title={words.sources} body="bare" actions={button}>
      <ListTable
        query={query}
        label={words.sources}
        columns={columnsWith(mayWrite ? { onRotate: setRotating, onEdit: setEditing } : undefined)}
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
        >
          <Field label={words.allowList} hint={`${words.allowListHint} ${words.allowListDefault}`} isOptional>
            <TextArea value={allowList} onChange={({ target }) => setAllowList(target.value)} />
          </Field>
        </Naming>
      )}
      {editing && <AllowList of={editing} onClose={() => setEditing(undefined)} />}
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

/** The texts between commas, spaces and line breaks. */
const entriesOf = (text: string) => text.split(/[\s,]+/).filter(Boolean)

/** Changes what a source may report, based on the version shown when the dialog was opened. */
function AllowList({ of: { id, attributes }, onClose }: { of: Source; onClose: () => void }) {
  const client = useQueryClient()
  const [text, setText] = useState(attributes.allowList.join(', '))
  const change = useChange<unknown>({
    send: (_, sending) =>
      call('patch', '/sources/{source-id}', {
        path: { 'source-id': id },
        body: { data: { attributes: { allowList: entriesOf(text) } } },
        ifMatch: `"${attributes.version}"`,
        ...sending,
      }),
    onSuccess: () => {
      toast.done(words.changed(attributes.name))
      onClose()
    },
    onSettled: () => void client.invalidateQueries({ queryKey: ['source'] }),
  })
  return (
    <FormDialog
      title={words.editSource(attributes.name)}
      description={words.allowListHint}
      leave={words.cancel}
      deed={words.save}
      isReady
      isBusy={change.isPending}
      onSubmit={() => change.mutate()}
      onClose={() => {
        change.cancel()
        onClose()
      }}
    >
      <Stack>
        <ProblemNotice problem={change.error} />
        <Field label={words.allowList}>
          <TextArea autoFocus value={text} onChange={({ target }) => setText(target.value)} />
        </Field>
      </Stack>
    </FormDialog>
  )
}

interface Deeds {
  onRotate: (source: Source) => void
  onEdit: (source: Source) => void
}

/** How much a source sent was ignored, with the reasons. */
function Ignored({ of: { kind, name, anotherSource, redacted } }: { of: SourceAttributes['ignored'] }) {
  const title = words.ignoredReasons(kind, name, anotherSource, redacted)
  return <span title={title}>{kind + name + anotherSource + redacted}</span>
}

function columnsWith(deeds: Deeds | undefined): Column<Source>[] {
  return [
    { key: 'name', label: words.sourceName, width: 10, cell: ({ attributes }) => attributes.name },
    {
      key: 'address',
      label: words.address,
      cell: ({ attributes }) => <CopyId id={new URL(attributes.url.replace(/^\//, ''), root).href} isWhole />,
    },
    {
      key: 'allowed',
      label: words.allowList,
      width: 12,
      isMuted: true,
      cell: ({ attributes }) => (
        <span title={attributes.allowList.join(', ')}>{attributes.allowList.join(', ') || words.nothing}</span>
      ),
    },
    {
      key: 'ignored',
      label: words.ignored,
      width: 5,
      align: 'end',
      isMuted: true,
      cell: ({ attributes }) => <Ignored of={attributes.ignored} />,
    },
    {
      key: 'created',
      label: words.created,
      width: 7,
      isMuted: true,
      cell: ({ attributes }) => <Moment at={attributes.createdAt} />,
    },
    {
      key: 'rotating',
      label: words.rotating,
      width: 9,
      isMuted: true,
      cell: ({ attributes }) => <Moment at={attributes.formerSecretExpiresAt} />,
    },
    {
      key: 'deeds',
      label: '',
      width: 12,
      align: 'end',
      cell: (source) =>
        deeds && (
          <Row>
            <Button
              size="small"
              look="quiet"
              aria-label={words.editSourceDeed(source.attributes.name)}
              onClick={() => deeds.onEdit(source)}
            >
              {words.edit}
            </Button>
            <Button
              size="small"
              look="quiet"
              aria-label={words.rotateTitle(source.attributes.name)}
              onClick={() => deeds.onRotate(source)}
            >
              {words.rotate}
            </Button>
          </Row>
        ),
    },
  ]
}

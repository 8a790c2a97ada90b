import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../../api/client'
import type { One } from '../../../api/document'
import { listQuery } from '../../../api/queries'
import { PersonName } from '../../../forms/people'
import { ListState } from '../../../forms/query-state'
import { Badge } from '../../../ui/badge'
import { Button } from '../../../ui/button'
import { Dialog } from '../../../ui/dialog'
import { Moment } from '../../../ui/moment'
import { Empty } from '../../../ui/states'
import { Tabs } from '../../../ui/tabs'
import { toast } from '../../../ui/toast'
import type { Definition } from '../model/definition'
import { same } from '../model/differences'
import { useEditor } from './context'
import styles from './versions.module.css'
import { words } from './words'
import { type DraftSaveAttributes, draftSave, type VersionAttributes } from './workflow'

interface VersionsProps {
  workflowId: string
  /** The current definition, which has no Restore button. */
  drawn: Definition
  /** The live definition; null if there is none. */
  live: Definition | null
  /** Replaces the current definition with a version's, as a change that can be undone and is not saved. */
  onRestore: (definition: Definition) => void
  onClose: () => void
}

/** Every published version, and the last saves of the draft: each can be restored. */
export function Versions(props: VersionsProps) {
  const [shown, setShown] = useState('versions')
  return (
    <Dialog
      isOpen
      isWide
      onClose={props.onClose}
      title={words.history}
      actions={<Button onClick={props.onClose}>{words.close}</Button>}
    >
      <Tabs
        label={words.history}
        value={shown}
        onChange={setShown}
        tabs={[
          { value: 'versions', label: words.publishedVersions, content: <Published {...props} /> },
          { value: 'saves', label: words.draftSaves, content: <DraftSaves {...props} /> },
        ]}
      />
    </Dialog>
  )
}

/** The last saves of the draft, including merged ones and their originals. */
function DraftSaves({ workflowId, drawn, onRestore }: VersionsProps) {
  const { isReadOnly } = useEditor()
  const query = useInfiniteQuery(
    listQuery<DraftSaveAttributes, '/workflows/{workflow-id}/draft-saves'>(
      // Saving a draft is an event of its workflow, which invalidates this list.
      ['workflow', 'list', 'draft-saves', workflowId],
      '/workflows/{workflow-id}/draft-saves',
      { path: { 'workflow-id': workflowId } },
    ),
  )
  const restore = async (id: string) => {
    try {
      const definition = await draftSave(workflowId, id)
      if (same(definition, drawn)) toast.done(words.isDrawn)
      else onRestore(definition)
    } catch (problem) {
      toast.failed(words.cantDo, { detail: (problem as Error).message })
    }
  }
  return (
    <>
      <p className={styles.hint}>{words.draftSavesHint}</p>
      <ListState query={query} isInline empty={<Empty isInline title={words.noSaves} hint={words.noSavesHint} />}>
        {(saves) => (
          <ol className={styles.list}>
            {saves.map(({ id, attributes }) => (
              <li key={id} className={styles.version}>
                <div className={styles.words}>
                  <div className={styles.line}>
                    <strong>{words.saveKinds[attributes.kind] ?? attributes.kind}</strong>
                    <span className={styles.muted}>
                      <Moment at={attributes.createdAt} /> {attributes.saver && <By email={attributes.saver} />}
                    </span>
                  </div>
                </div>
                {!isReadOnly && (
                  <Button size="small" onClick={() => restore(id)}>
                    {words.restore}
                  </Button>
                )}
              </li>
            ))}
          </ol>
        )}
      </ListState>
    </>
  )
}

function Published({ workflowId, drawn, live, onRestore }: VersionsProps) {
  const { isReadOnly } = useEditor()
  const query = useInfiniteQuery(
    listQuery<VersionAttributes, '/workflows/{workflow-id}/versions'>(
      ['workflow-version', 'list', workflowId],
      '/workflows/{workflow-id}/versions',
      {
        path: { 'workflow-id': workflowId },
      },
    ),
  )
  const restore = async (id: string) => {
    try {
      const path = { 'workflow-version-id': id }
      const answer = await call<One<VersionAttributes>, '/workflow-versions/{workflow-version-id}'>(
        'get',
        '/workflow-versions/{workflow-version-id}',
        { path },
      )
      const { definition } = answer.value.data.attributes
      if (same(definition, drawn)) toast.done(words.isDrawn)
      else onRestore(definition)
    } catch (problem) {
      toast.failed(words.cantDo, { detail: (problem as Error).message })
    }
  }
  return (
    <ListState
      query={query}
      isInline
      empty={<Empty isInline title={words.states.draft ?? ''} hint={words.publishFirst} />}
    >
      {(versions) => (
        <ol className={styles.list}>
          {versions.map(({ id, attributes }) => (
            <li key={id} className={styles.version}>
              <div className={styles.words}>
                <div className={styles.line}>
                  <strong>{words.versionRead(attributes.number)}</strong>
                  {attributes.live && <Badge tone="good">{words.live}</Badge>}
                  <span className={styles.muted}>
                    <Moment at={attributes.publishedAt ?? attributes.createdAt} />{' '}
                    {attributes.lastUpdater && <By email={attributes.lastUpdater} />}
                  </span>
                </div>
                {attributes.description && <p className={styles.note}>{attributes.description}</p>}
              </div>
              {attributes.live && live && same(live, drawn) ? (
                <span className={styles.muted}>{words.isDrawn}</span>
              ) : (
                !isReadOnly && (
                  <Button size="small" onClick={() => restore(id)}>
                    {words.restore}
                  </Button>
                )
              )}
            </li>
          ))}
        </ol>
      )}
    </ListState>
  )
}

function By({ email }: { email: string }) {
  return (
    <>
      {words.by} <PersonName email={email} />
    </>
  )
}

import { useInfiniteQuery } from '@tanstack/react-query'
import { call } from '../../../api/client'
import type { One } from '../../../api/document'
import { listQuery } from '../../../api/queries'
import { ListState } from '../../../forms/query-state'
import { Badge } from '../../../ui/badge'
import { Button } from '../../../ui/button'
import { Dialog } from '../../../ui/dialog'
import { Moment } from '../../../ui/moment'
import { Empty } from '../../../ui/states'
import { toast } from '../../../ui/toast'
import type { Definition } from '../model/definition'
import { same } from '../model/differences'
import { useEditor } from './context'
import styles from './versions.module.css'
import { words } from './words'
import type { VersionAttributes } from './workflow'

interface VersionsProps {
  workflowId: string
  /** What is drawn: nothing brings it back. */
  drawn: Definition
  /** The live version's drawing; nothing where there is none. */
  live: Definition | null
  /** Puts a version's drawing on the board, as a change that can be undone and is not saved. */
  onRestore: (definition: Definition) => void
  onClose: () => void
}

/** Every version that was published: who, when, why; each can be put back on the board. */
export function Versions({ workflowId, drawn, live, onRestore, onClose }: VersionsProps) {
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
    <Dialog
      isOpen
      isWide
      onClose={onClose}
      title={words.history}
      actions={<Button onClick={onClose}>{words.close}</Button>}
    >
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
                      {attributes.lastUpdater && words.by(attributes.lastUpdater)}
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
    </Dialog>
  )
}

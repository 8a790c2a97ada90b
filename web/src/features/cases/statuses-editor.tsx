import { Plus } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { StatusType } from '../../api/resources'
import { useMay } from '../../api/session'
import { ChangedMeanwhile } from '../../forms/opened'
import { Button } from '../../ui/button'
import { Card } from '../../ui/card'
import { Checkbox } from '../../ui/checkbox'
import { CopyId } from '../../ui/copy-id'
import { Field, Input, Select } from '../../ui/field'
import { useKeys } from '../../ui/keys'
import { Notice } from '../../ui/notice'
import { Row } from '../../ui/stack'
import { StatusChip } from '../../ui/status-chip'
import { AllowedNext } from './allowed-next'
import { useEditedList } from './edited-list'
import { type Edited, type StatusAttributes, statusesBody } from './edited-statuses'
import { NotSaved, RowDeeds, Saving } from './list-editor'
import styles from './list-editor.module.css'
import { words } from './words'

interface StatusesEditorProps {
  templateId: string
  etag: string | undefined
  statuses: (StatusAttributes & { id: string })[]
}

/** The statuses of a template: added, renamed, moved, colored, removed with a successor; saved all at once. */
export function StatusesEditor({ templateId, etag, statuses }: StatusesEditorProps) {
  const mayWrite = useMay('case_template.write')
  const { list, isUnsaved, since, isStale, edit, change, drop, move, save, discard } = useEditedList<Edited>({
    templateId,
    etag,
    part: 'statuses',
    begun: statuses.map((status) => ({ ...status, key: status.id })),
    nameOf: ({ key }) => key,
    bodyOf: statusesBody,
    saved: words.saved,
  })
  useKeys([
    {
      keys: 'mod+s',
      label: words.save,
      scope: 'here',
      whileTyping: true,
      run: () => {
        if (isUnsaved && !isStale) save.mutate()
      },
    },
  ])
  const [added, setAdded] = useState<string>()
  const kept = list.filter(({ isRemoved }) => !isRemoved)
  const problem = save.error
  const isMissingSuccessor = ({ name }: Edited) =>
    problem?.findings.some(({ code, meta }) => code === 'successor-needed' && meta.status === name)
  const add = () => {
    const key = crypto.randomUUID()
    const status: Edited = {
      id: undefined,
      key,
      name: words.newStatus,
      type: 'intermediate',
      color: null,
      requireComment: false,
      commentBindsKeys: false,
      commentBindsWorkflows: false,
      allowedNext: null,
      formerNames: [],
    }
    const lastBeforeEnd = list.findLastIndex(({ type }) => type !== 'end')
    edit([...list.slice(0, lastBeforeEnd + 1), status, ...list.slice(lastBeforeEnd + 1)])
    setAdded(key)
  }
  const removed = (status: Edited) => {
    if (status.id === undefined) drop(status.key)
    else change(status.key, { isRemoved: !status.isRemoved })
  }
  return (
    <Card
      title={words.statuses}
      hasStickyHead
      actions={
        mayWrite && (
          <Saving
            label={words.save}
            isUnsaved={isUnsaved}
            isBusy={save.isPending}
            isOff={isStale}
            onDiscard={discard}
            onSave={() => save.mutate()}
          />
        )
      }
    >
      {!mayWrite && <Notice>{words.readOnly}</Notice>}
      {isStale && <ChangedMeanwhile objectId={templateId} since={since} now={words.staleTemplate} />}
      {problem && !isStale && (
        <NotSaved
          title={words.cantSave}
          problem={problem}
          asked="successor-needed"
          inWords={({ status }) => words.successorNeededFor(String(status))}
        />
      )}
      <fieldset className={styles.all} disabled={save.isPending}>
        <ol className={styles.list}>
          {list.map((status, at) => (
            <li key={status.key} className={styles.status} data-removed={status.isRemoved || undefined}>
              <div className={styles.head}>
                <Row wraps>
                  <StatusChip name={status.name} type={status.type} colour={status.color} isBoxed />
                  {status.slug && <CopyId id={status.slug} />}
                </Row>
                {mayWrite && (
                  <RowDeeds
                    name={status.name}
                    at={at}
                    count={list.length}
                    removal={words.remove(status.name)}
                    isRemoved={status.isRemoved}
                    onMove={(by) => move(at, by)}
                    onRemove={() => removed(status)}
                  />
                )}
              </div>
              {status.isRemoved ? (
                <Field
                  label={words.successor(status.name)}
                  hint={words.successorHint}
                  {...(isMissingSuccessor(status) && !status.successor ? { error: words.successorNeeded } : {})}
                >
                  <Select
                    value={status.successor ?? ''}
                    onChange={({ target }) => change(status.key, { successor: target.value })}
                  >
                    <option value="">{words.chooseSuccessor}</option>
                    {kept
                      .filter(({ id }) => id !== undefined)
                      .map(({ id, name }) => (
                        <option key={id} value={id}>
                          {name}
                        </option>
                      ))}
                  </Select>
                </Field>
              ) : (
                <>
                  <StatusForm
                    status={status}
                    isJustAdded={status.key === added}
                    isReadOnly={!mayWrite}
                    onChange={(next) => change(status.key, next)}
                  />
                  <div>
                    <AllowedNext
                      name={status.name}
                      others={kept.filter(({ key }) => key !== status.key)}
                      value={status.allowedNext}
                      disabled={!mayWrite}
                      onChange={(allowedNext) => change(status.key, { allowedNext })}
                    />
                  </div>
                </>
              )}
            </li>
          ))}
        </ol>
        {mayWrite && (
          <Button size="small" look="quiet" icon={<Plus size={13} />} onClick={add}>
            {words.addStatus}
          </Button>
        )}
      </fieldset>
    </Card>
  )
}

interface StatusFormProps {
  status: Edited
  /** The name gets the focus. */
  isJustAdded: boolean
  isReadOnly: boolean
  onChange: (next: Partial<Edited>) => void
}

function StatusForm({ status, isJustAdded, isReadOnly, onChange }: StatusFormProps) {
  const name = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isJustAdded) name.current?.select()
  }, [isJustAdded])
  // A status can't become final or stop being final: its cases were resolved, or were not.
  const isKnown = status.id !== undefined
  const types = Object.entries(words.types).filter(([type]) => !isKnown || (type === 'end') === (status.type === 'end'))
  const colors =
    status.color !== null && !(status.color in words.colors)
      ? { ...words.colors, [status.color]: status.color }
      : words.colors
  return (
    <div className={styles.form}>
      <Field label={words.statusName}>
        <Input
          ref={name}
          value={status.name}
          maxLength={64}
          disabled={isReadOnly}
          onChange={({ target }) => onChange({ name: target.value })}
        />
      </Field>
      <Field label={words.statusType}>
        <Select
          value={status.type}
          disabled={isReadOnly}
          onChange={({ target }) => onChange({ type: target.value as StatusType })}
        >
          {types.map(([type, label]) => (
            <option key={type} value={type}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={words.statusColor}>
        <Select
          value={status.color ?? ''}
          disabled={isReadOnly}
          onChange={({ target }) => onChange({ color: target.value || null })}
        >
          <option value="">{words.noColor}</option>
          {Object.entries(colors).map(([color, label]) => (
            <option key={color} value={color}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <div data-beside>
        <Checkbox
          label={words.requireComment}
          isChecked={status.requireComment}
          disabled={isReadOnly}
          onChange={(requireComment) => onChange({ requireComment })}
        />
      </div>
      {status.requireComment && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would take a separate line in this grid.
        <div className={styles.bound} role="group" aria-label={words.commentBinds}>
          <span>{words.commentBinds}</span>
          <Checkbox label={words.commentOfPeople} isChecked disabled onChange={() => undefined} />
          <Checkbox
            label={words.commentOfKeys}
            isChecked={status.commentBindsKeys}
            disabled={isReadOnly}
            onChange={(commentBindsKeys) => onChange({ commentBindsKeys })}
          />
          <Checkbox
            label={words.commentOfWorkflows}
            isChecked={status.commentBindsWorkflows}
            disabled={isReadOnly}
            onChange={(commentBindsWorkflows) => onChange({ commentBindsWorkflows })}
          />
        </div>
      )}
    </div>
  )
}

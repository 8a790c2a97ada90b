import { ArrowDown, ArrowUp, Plus, Trash2, Undo2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Problem } from '../../api/problem'
import type { StatusType } from '../../api/resources'
import { useMay } from '../../api/session'
import { ChangedMeanwhile } from '../../forms/opened'
import { Button, IconButton } from '../../ui/button'
import { Card } from '../../ui/card'
import { Checkbox } from '../../ui/checkbox'
import { Field, Input, Select } from '../../ui/field'
import { Notice } from '../../ui/notice'
import { Row } from '../../ui/stack'
import { StatusChip } from '../../ui/status-chip'
import { sentence } from '../../words/sentence'
import { AllowedNext } from './allowed-next'
import { type Edited, type StatusAttributes, useEditedStatuses } from './edited-statuses'
import styles from './statuses-editor.module.css'
import { words } from './words'

interface StatusesEditorProps {
  templateId: string
  etag: string | undefined
  statuses: (StatusAttributes & { id: string })[]
}

/** The statuses of a template: added, renamed, moved, coloured, removed with a successor; saved all at once. */
export function StatusesEditor({ templateId, etag, statuses }: StatusesEditorProps) {
  const mayWrite = useMay('case_template.write')
  const begun = statuses.map((status): Edited => ({ ...status, key: status.id }))
  const { list, isUnsaved, since, isStale, edit, save, discard } = useEditedStatuses(templateId, etag, begun)
  const [added, setAdded] = useState<string>()
  const kept = list.filter(({ isRemoved }) => !isRemoved)
  const problem = save.error
  const isMissingSuccessor = ({ name }: Edited) =>
    problem?.findings.some(({ code, meta }) => code === 'successor-needed' && meta.status === name)
  const change = (key: string, next: Partial<Edited>) =>
    edit(list.map((status) => (status.key === key ? { ...status, ...next } : status)))
  const move = (at: number, by: -1 | 1) => {
    const status = list[at]
    if (!status) return
    const rest = list.filter((_, index) => index !== at)
    edit([...rest.slice(0, at + by), status, ...rest.slice(at + by)])
  }
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
    if (status.id === undefined) edit(list.filter(({ key }) => key !== status.key))
    else change(status.key, { isRemoved: !status.isRemoved })
  }
  return (
    <Card
      title={words.statuses}
      hasStickyHead
      actions={
        mayWrite && (
          <Row>
            {isUnsaved && (
              <>
                <span className={styles.unsaved}>{words.unsaved}</span>
                <Button size="small" look="quiet" onClick={discard}>
                  {words.discard}
                </Button>
              </>
            )}
            <Button
              size="small"
              look="primary"
              disabled={!isUnsaved || isStale}
              isBusy={save.isPending}
              onClick={() => save.mutate()}
            >
              {words.save}
            </Button>
          </Row>
        )
      }
    >
      {!mayWrite && <Notice>{words.readOnly}</Notice>}
      {isStale && <ChangedMeanwhile objectId={templateId} since={since} now={words.staleTemplate} />}
      {problem && !isStale && <NotSaved problem={problem} />}
      <fieldset className={styles.all} disabled={save.isPending}>
        <ol className={styles.list}>
          {list.map((status, at) => (
            <li key={status.key} className={styles.status} data-removed={status.isRemoved || undefined}>
              <div className={styles.head}>
                <StatusChip name={status.name} type={status.type} colour={status.color} isBoxed />
                {mayWrite && (
                  <span className={styles.deeds}>
                    <IconButton
                      label={words.moveUp(status.name)}
                      icon={<ArrowUp size={14} />}
                      size="small"
                      disabled={at === 0}
                      onClick={() => move(at, -1)}
                    />
                    <IconButton
                      label={words.moveDown(status.name)}
                      icon={<ArrowDown size={14} />}
                      size="small"
                      disabled={at === list.length - 1}
                      onClick={() => move(at, 1)}
                    />
                    <IconButton
                      label={words.remove(status.name)}
                      icon={status.isRemoved ? <Undo2 size={14} /> : <Trash2 size={14} />}
                      size="small"
                      onClick={() => removed(status)}
                    />
                  </span>
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

/** Why the statuses were not saved; the one thing that is asked at its field is only named here. */
function NotSaved({ problem }: { problem: Problem }) {
  return (
    <Notice tone="bad" isAlert>
      <strong>{words.cantSave}</strong>
      {problem.kind === 'stale' ? (
        <div>{words.staleTemplate}</div>
      ) : (
        problem.findings.map(({ details, title, pointer, code, meta }) => (
          <div key={`${pointer} ${details}`}>
            {code === 'successor-needed' ? words.successorNeededFor(String(meta.status)) : sentence(details ?? title)}
          </div>
        ))
      )}
    </Notice>
  )
}

interface StatusFormProps {
  status: Edited
  /** Its name is what is typed next. */
  isJustAdded: boolean
  isReadOnly: boolean
  onChange: (next: Partial<Edited>) => void
}

function StatusForm({ status, isJustAdded, isReadOnly, onChange }: StatusFormProps) {
  const name = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isJustAdded) name.current?.select()
  }, [isJustAdded])
  // A status stays an end, or no end, for life: cases that reached it were resolved, or were not.
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
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would take a line of its own in this grid.
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

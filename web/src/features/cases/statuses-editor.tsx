import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ArrowDown, ArrowUp, Plus, Trash2, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { call } from '../../api/client'
import type { Problem } from '../../api/problem'
import type { StatusType } from '../../api/resources'
import { useMay } from '../../api/session'
import type { Shown } from '../../api/shapes'
import { Button, IconButton } from '../../ui/button'
import { Card } from '../../ui/card'
import { Checkbox } from '../../ui/checkbox'
import { Field, Input, Select } from '../../ui/field'
import { Notice } from '../../ui/notice'
import { Row } from '../../ui/stack'
import { StatusChip } from '../../ui/status-chip'
import { toast } from '../../ui/toast'
import { AllowedNext } from './allowed-next'
import styles from './statuses-editor.module.css'
import { words } from './words'

export type StatusAttributes = Shown<'list-statuses-of-a-case-template'>

interface Edited extends StatusAttributes {
  /** A status that is new has none. */
  id: string | undefined
  /** Names it while it is edited; its id, where it has one. */
  key: string
  /** What becomes of its cases, where it is to be removed. */
  successor?: string
  isRemoved?: boolean
}

interface StatusesEditorProps {
  templateId: string
  etag: string | undefined
  statuses: (StatusAttributes & { id: string })[]
}

let counted = 0

/** The statuses of a template: added, renamed, moved, coloured, removed with a successor; saved all at once. */
export function StatusesEditor({ templateId, etag, statuses }: StatusesEditorProps) {
  const mayWrite = useMay('case_template.write')
  const client = useQueryClient()
  const begun = statuses.map((status): Edited => ({ ...status, key: status.id }))
  const [list, setList] = useState(begun)
  const isUnsaved = JSON.stringify(list) !== JSON.stringify(begun)
  const kept = list.filter(({ isRemoved }) => !isRemoved)
  const save = useMutation<unknown, Problem>({
    mutationFn: () => {
      const successors = new Map(
        list.flatMap(({ id, isRemoved, successor }): [string, string][] =>
          id && isRemoved && successor ? [[id, successor]] : [],
        ),
      )
      const wanted = kept.map(({ id, name, type, color, requireComment, allowedNext }) => ({
        ...(id === undefined ? {} : { id }),
        name,
        type,
        color,
        requireComment,
        allowedNext: allowedNext && followed(allowedNext, list, successors),
      }))
      return call('patch', '/case-templates/{case-template-id}', {
        path: { 'case-template-id': templateId },
        body: {
          data: {
            attributes: { statuses: wanted },
          },
          ...(successors.size > 0 ? { meta: { successors: Object.fromEntries(successors) } } : {}),
        },
        ...(etag ? { ifMatch: etag } : {}),
      })
    },
    onSuccess: () => {
      toast.done(words.saved)
      return client.invalidateQueries({ queryKey: ['case-template'] })
    },
  })
  const change = (key: string, next: Partial<Edited>) =>
    setList(list.map((status) => (status.key === key ? { ...status, ...next } : status)))
  const move = (at: number, by: -1 | 1) => {
    const status = list[at]
    if (!status) return
    const rest = list.filter((_, index) => index !== at)
    setList([...rest.slice(0, at + by), status, ...rest.slice(at + by)])
  }
  const add = () => {
    counted += 1
    const status: Edited = {
      id: undefined,
      key: `new ${counted}`,
      name: words.newStatus,
      type: 'intermediate',
      color: null,
      requireComment: false,
      allowedNext: null,
      formerNames: [],
    }
    const lastBeforeEnd = list.findLastIndex(({ type }) => type !== 'end')
    setList([...list.slice(0, lastBeforeEnd + 1), status, ...list.slice(lastBeforeEnd + 1)])
  }
  const removed = (status: Edited) => {
    if (status.id === undefined) setList(list.filter(({ key }) => key !== status.key))
    else change(status.key, { isRemoved: !status.isRemoved })
  }
  return (
    <Card
      title={words.statuses}
      actions={
        mayWrite && (
          <Row>
            {isUnsaved && (
              <>
                <span className={styles.unsaved}>{words.unsaved}</span>
                <Button size="small" look="quiet" onClick={() => setList(begun)}>
                  {words.discard}
                </Button>
              </>
            )}
            <Button
              size="small"
              look="primary"
              disabled={!isUnsaved}
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
      {save.error && (
        <Notice tone="bad" isAlert>
          <strong>{words.cantSave}</strong>
          {save.error.findings.map(({ details, title, pointer }) => (
            <div key={`${pointer} ${details}`}>{details ?? title}</div>
          ))}
        </Notice>
      )}
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
              <Field label={words.successor(status.name)} hint={words.successorHint} isOptional>
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
                <StatusForm status={status} isReadOnly={!mayWrite} onChange={(next) => change(status.key, next)} />
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
    </Card>
  )
}

/**
 * What may follow, once some are gone: where one of them stood, its successor does. One that is new has no id yet, and
 * goes by its name.
 */
function followed(allowedNext: string[], list: Edited[], successors: Map<string, string>): string[] {
  const next = allowedNext.flatMap((key) => {
    const status = list.find((other) => other.key === key)
    return status?.isRemoved ? (successors.get(key) ?? []) : (status?.id ?? status?.name ?? [])
  })
  return [...new Set(next)]
}

interface StatusFormProps {
  status: Edited
  isReadOnly: boolean
  onChange: (next: Partial<Edited>) => void
}

function StatusForm({ status, isReadOnly, onChange }: StatusFormProps) {
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
      <Checkbox
        label={words.requireComment}
        isChecked={status.requireComment}
        disabled={isReadOnly}
        onChange={(requireComment) => onChange({ requireComment })}
      />
    </div>
  )
}

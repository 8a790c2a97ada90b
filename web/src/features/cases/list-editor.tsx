import { ArrowDown, ArrowUp, Trash2, Undo2 } from 'lucide-react'
import type { Problem } from '../../api/problem'
import { Button, IconButton } from '../../ui/button'
import { Notice } from '../../ui/notice'
import { Row } from '../../ui/stack'
import { sentence } from '../../words/sentence'
import styles from './list-editor.module.css'
import { words } from './words'

/** Parts shared by the editors of a template's statuses and fields. */

interface SavingProps {
  label: string
  isUnsaved: boolean
  isBusy: boolean
  /** Whether saving is not possible now. */
  isOff?: boolean
  onDiscard: () => void
  onSave: () => void
}

/** Save and Discard, in the header of the card. */
export function Saving({ label, isUnsaved, isBusy, isOff, onDiscard, onSave }: SavingProps) {
  return (
    <Row>
      {isUnsaved && (
        <>
          <span className={styles.unsaved}>{words.unsaved}</span>
          <Button size="small" look="quiet" onClick={onDiscard}>
            {words.discard}
          </Button>
        </>
      )}
      <Button size="small" look="primary" disabled={!isUnsaved || isOff} isBusy={isBusy} onClick={onSave}>
        {label}
      </Button>
    </Row>
  )
}

interface RowDeedsProps {
  name: string
  at: number
  count: number
  /** The label of the last button, which removes the row or undoes the removal. */
  removal: string
  isRemoved: boolean | undefined
  onMove: (by: -1 | 1) => void
  onRemove: () => void
}

/** The buttons of a row: up, down, remove. */
export function RowDeeds({ name, at, count, removal, isRemoved, onMove, onRemove }: RowDeedsProps) {
  return (
    <span className={styles.deeds}>
      <IconButton
        label={words.moveUp(name)}
        icon={<ArrowUp size={14} />}
        size="small"
        disabled={at === 0}
        onClick={() => onMove(-1)}
      />
      <IconButton
        label={words.moveDown(name)}
        icon={<ArrowDown size={14} />}
        size="small"
        disabled={at === count - 1}
        onClick={() => onMove(1)}
      />
      <IconButton
        label={removal}
        icon={isRemoved ? <Undo2 size={14} /> : <Trash2 size={14} />}
        size="small"
        onClick={onRemove}
      />
    </span>
  )
}

interface NotSavedProps {
  title: string
  problem: Problem
  /** The code of findings that are resolved at their row, and the sentence about them here. */
  asked: string
  inWords: (meta: Record<string, unknown>) => string
}

/** Why a list was not saved. */
export function NotSaved({ title, problem, asked, inWords }: NotSavedProps) {
  return (
    <Notice tone="bad" isAlert>
      <strong>{title}</strong>
      {problem.kind === 'stale' ? (
        <div>{words.staleTemplate}</div>
      ) : (
        problem.findings.map(({ details, title: said, pointer, code, meta }) => (
          <div key={`${pointer} ${details}`}>{code === asked ? inWords(meta) : sentence(details ?? said)}</div>
        ))
      )}
    </Notice>
  )
}

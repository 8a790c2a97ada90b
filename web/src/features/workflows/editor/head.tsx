import { Link } from '@tanstack/react-router'
import { CircleAlert, CircleCheck, Ellipsis, History, ListTree, Play, Redo2, Undo2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Badge, type Tone } from '../../../ui/badge'
import { Button, buttonClasses, IconButton } from '../../../ui/button'
import { Menu, MenuItem, MenuLine } from '../../../ui/menu'
import type { Definition, Subject } from '../model/definition'
import styles from './head.module.css'
import { type Problem, subjectInWords } from './problems'
import { words } from './words'

/** The actions on the whole workflow in the header. */
export interface Deeds {
  save: () => void
  publish: () => void
  undo: () => void
  redo: () => void
  runNow: () => void
  rename: () => void
  duplicate: () => void
  switch: () => void
  discard: () => void
  archive: () => void
  copySlug: () => void
  exportYaml: () => void
  history: () => void
  outline: () => void
}

interface HeadProps {
  name: string
  workflowId: string
  slug: string
  state: string
  isLive: boolean
  /** Whether there is a draft besides the published version, which can be discarded. */
  hasDraft: boolean
  version: string
  definition: Definition
  problems: Problem[]
  isUnsaved: boolean
  isSaving: boolean
  canUndo: boolean
  canRedo: boolean
  isOutlined: boolean
  isReadOnly: boolean
  /** The reason why there is nothing to publish, if so. */
  notPublishable?: string | undefined
  /** The other people in the editor. */
  presence?: ReactNode
  deeds: Deeds
  onJump: (subject: Subject) => void
}

const TONES: Record<string, Tone> = { running: 'good', paused: 'warn' }

/** The header of the editor: the name, the state and the actions. */
export function Head(props: HeadProps) {
  const { name, state, version, isUnsaved, isReadOnly, deeds } = props
  return (
    <header className={styles.head}>
      <div className={styles.where}>
        <Link to="/workflows" className={styles.back}>
          {words.back}
        </Link>
        <span aria-hidden className={styles.slash}>
          {'/'}
        </span>
        <h1 className={styles.name}>{name}</h1>
        <Badge tone={TONES[state] ?? 'neutral'}>{words.states[state] ?? state}</Badge>
        <span className={styles.version}>{version}</span>
        {isUnsaved && <span className={styles.unsaved}>{words.unsaved}</span>}
        {props.presence}
      </div>
      <div className={styles.deeds}>
        <IconButton
          label={props.isOutlined ? words.hideOutline : words.showOutline}
          keys="alt+o"
          icon={<ListTree size={16} />}
          aria-pressed={props.isOutlined}
          onClick={deeds.outline}
        />
        {!isReadOnly && (
          <>
            <IconButton
              label={words.undo}
              keys="mod+z"
              icon={<Undo2 size={16} />}
              disabled={!props.canUndo}
              onClick={deeds.undo}
            />
            <IconButton
              label={words.redo}
              keys="mod+shift+z"
              icon={<Redo2 size={16} />}
              disabled={!props.canRedo}
              onClick={deeds.redo}
            />
            <Errors {...props} />
          </>
        )}
        {props.isLive && (
          <Button icon={<Play size={14} />} onClick={deeds.runNow}>
            {words.runNow}
          </Button>
        )}
        {!isReadOnly && (
          <>
            <Button isBusy={props.isSaving} disabled={!isUnsaved} onClick={deeds.save}>
              {words.save}
            </Button>
            <Button
              look="primary"
              // The button stays reachable by keyboard, and shows why it is disabled.
              aria-disabled={props.notPublishable !== undefined || undefined}
              title={props.notPublishable}
              onClick={deeds.publish}
            >
              {words.publish}
            </Button>
          </>
        )}
        <More {...props} />
      </div>
    </header>
  )
}

/** The number of problems; the list links to each. */
function Errors({ problems, definition, onJump }: HeadProps) {
  if (problems.length === 0) {
    return (
      <span className={styles.fine}>
        <CircleCheck size={14} aria-hidden />
        {words.noErrors}
      </span>
    )
  }
  return (
    <Menu
      align="end"
      trigger={
        <Button look="quiet" icon={<CircleAlert size={14} />} className={styles.errors}>
          {words.viewErrors(problems.length)}
        </Button>
      }
    >
      {problems.map((problem) => (
        <MenuItem key={problem.pointer + problem.message} onSelect={() => onJump(problem.subject)}>
          <span className={styles.problem}>
            <strong>{subjectInWords(definition, problem.subject)}</strong>
            <span>{problem.message}</span>
          </span>
        </MenuItem>
      ))}
    </Menu>
  )
}

function More({ workflowId, slug, state, isReadOnly, isLive, hasDraft, deeds }: HeadProps) {
  const [trigger] = useState(() => <IconButton label={words.more} icon={<Ellipsis size={16} />} />)
  const canChange = !isReadOnly
  return (
    <>
      <Link to="/runs" search={{ workflow: workflowId, status: undefined }} className={buttonClasses('quiet')}>
        {words.runs}
      </Link>
      <Menu align="end" trigger={trigger}>
        {canChange && <MenuItem onSelect={deeds.rename}>{words.rename}</MenuItem>}
        <MenuItem onSelect={deeds.duplicate}>{words.duplicate}</MenuItem>
        <MenuItem icon={<History size={14} />} onSelect={deeds.history}>
          {words.history}
        </MenuItem>
        <MenuItem onSelect={deeds.exportYaml}>{words.exportYaml}</MenuItem>
        <MenuItem onSelect={deeds.copySlug}>{words.copySlug(slug)}</MenuItem>
        {canChange && (isLive || state === 'paused') && (
          <MenuItem onSelect={deeds.switch}>{state === 'paused' ? words.resume : words.pause}</MenuItem>
        )}
        {canChange && (
          <>
            <MenuLine />
            {hasDraft && (
              <MenuItem isDangerous onSelect={deeds.discard}>
                {words.discardDraft}
              </MenuItem>
            )}
            <MenuItem isDangerous onSelect={deeds.archive}>
              {words.archive}
            </MenuItem>
          </>
        )}
      </Menu>
    </>
  )
}

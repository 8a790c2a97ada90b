import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type RefObject, useEffect, useMemo, useReducer, useState } from 'react'
import type { Resource } from '../../../api/document'
import { useMay, useSession } from '../../../api/session'
import type { Template } from '../../../forms/case-status'
import { Confirm } from '../../../ui/dialog'
import { Notice } from '../../../ui/notice'
import { useTitle } from '../../../ui/page'
import { toast } from '../../../ui/toast'
import { find, type Place, type Subject, stepsOf, titleOf } from '../model/definition'
import { same } from '../model/differences'
import { remove as without } from '../model/edit'
import { canRedo, canUndo } from '../model/history'
import { AddStep } from './add-step'
import { Canvas } from './canvas'
import type { EventType, StepType } from './catalogue'
import { ConflictDialog } from './conflict-dialog'
import { type Editor, EditorContext } from './context'
import { RenameDialog } from './dialogs'
import styles from './editor.module.css'
import { useEditorKeys } from './editor-keys'
import { focusCard, keyOf, selectedOf, useFocusWhenMade } from './focus'
import { type Deeds, Head } from './head'
import { FoundNotice, MergedNotice, NewerNotice } from './notices'
import { Outline } from './outline'
import { OutputPanel } from './output-panel'
import { Presence, useCalled, usePresence } from './presence'
import { problemsOf, useProblems } from './problems'
import { PublishDialog } from './publish-dialog'
import { useSaving } from './saving'
import { beginEditing, isUnsaved, reduce, type Selected } from './state'
import { StepPanel } from './step-panel'
import { TriggerPanel } from './trigger-panel'
import { useFoundUnsaved, useKeptUnsaved } from './unsaved'
import { Versions } from './versions'
import { words } from './words'
import * as deeds from './workflow'

interface EditorProps {
  workflow: Resource<deeds.EditedAttributes>
  etag: string
  step: string | undefined
  stepTypes: StepType[]
  eventTypes: EventType[]
  templates: Template[]
  /** Set to the action that publishes the draft, while the draft differs from the live version. */
  publish: RefObject<(() => void) | undefined>
  onRunNow: () => void
}

type Window = 'publish' | 'rename' | 'discard' | 'archive' | 'history'

/** The open editor of one workflow. */
export function OpenEditor({ workflow, etag, step, stepTypes, eventTypes, templates, publish, onRunNow }: EditorProps) {
  const { attributes, id } = workflow
  const navigate = useNavigate()
  const client = useQueryClient()
  const { plan, user } = useSession()
  const isReadOnly = !useMay('workflow.write') || attributes.state === 'archived'
  const [state, act] = useReducer(reduce, undefined, () =>
    beginEditing(deeds.drawnOf(attributes), etag, step ? { kind: 'step', id: step } : undefined),
  )
  const [window, setWindow] = useState<Window>()
  const [fresh, setFresh] = useState<string>()
  const [isOutlined, setIsOutlined] = useState(false)
  const definition = state.history.present
  const unsaved = isUnsaved(state)
  const isLiveDrawn = attributes.publishedDefinition !== null && same(attributes.publishedDefinition, definition)
  const problems = useProblems(definition, stepTypes)
  const [[found], setFound] = useFoundUnsaved(user.id, id, state.saved.definition)
  useTitle(attributes.name)
  useFocusWhenMade(definition)
  useKeptUnsaved(user.id, id, state, unsaved)
  const others = usePresence(id, etag, !isReadOnly)
  const called = useCalled(others)
  const saving = useSaving({ workflow, etag, state, unsaved, act, called })
  const { attempt, save, isBusy, conflict } = saving

  useEffect(() => {
    publish.current = isLiveDrawn ? undefined : () => setWindow('publish')
  }, [publish, isLiveDrawn])

  // The selection is in the address, so that a link opens the same step.
  const selectedStep = state.selected?.kind === 'step' ? state.selected.id : undefined
  useEffect(() => {
    navigate({ to: '.', search: (old: object) => ({ ...old, step: selectedStep }), replace: true })
  }, [navigate, selectedStep])

  const select = (selected: Selected | undefined) => {
    const left = state.selected
    setFresh(undefined)
    act({ do: 'select', selected })
    if (selected === undefined) focusCard(left, definition)
  }
  const edit: Editor['edit'] = (next, more) => {
    const selected = more?.select
    if (selected?.kind === 'step' && !find(definition, selected.id)) setFresh(selected.id)
    act({ do: 'edit', definition: next, ...more })
  }
  const remove = (stepId: string) => {
    const title = titleOf(find(definition, stepId)?.step ?? { id: stepId, do: '' })
    const order = Array.from(stepsOf(definition), (place) => place.step.id)
    const before = order[order.indexOf(stepId) - 1]
    act({ do: 'edit', definition: without(definition, stepId) })
    act({ do: 'select', selected: undefined })
    focusCard(before ? { kind: 'step', id: before } : { kind: 'trigger' }, definition)
    toast.done(words.deleted(title), { action: { label: words.undo, run: () => act({ do: 'undo' }) } })
  }

  const done = async (deed: Promise<unknown>, told: string) => {
    if ((await attempt(deed, words.cantDo)) === undefined) return
    setWindow(undefined)
    toast.done(told)
    const fresh = await client.fetchQuery({ ...deeds.workflowQuery(id), staleTime: 0 })
    if (!unsaved) act({ do: 'saved', definition: deeds.drawnOf(fresh.data.attributes), etag: fresh.etag ?? '' })
    await deeds.askAnew(client)
  }
  const saveNow = (choices?: deeds.Choices) => save(choices).then((saved) => saved && toast.done(words.saved))
  /** Returns to the live version: the saved draft and unsaved changes are discarded. */
  const discard = async () => {
    if ((await attempt(deeds.discardDraft(id, state.saved.etag), words.cantDo)) === undefined)
      return setWindow(undefined)
    const fresh = await client.fetchQuery({ ...deeds.workflowQuery(id), staleTime: 0 })
    act({ do: 'take', definition: deeds.drawnOf(fresh.data.attributes), etag: fresh.etag ?? '' })
    setWindow(undefined)
    toast.done(words.discarded)
    await deeds.askAnew(client)
  }
  const isPaused = attributes.state === 'paused'
  const onDeeds: Deeds = {
    save: () => (unsaved ? saveNow() : toast.done(words.nothingToSave)),
    publish: () => {
      if (isLiveDrawn) return toast.done(words.nothingToPublish)
      setFresh(undefined)
      setWindow('publish')
    },
    undo: () => act({ do: 'undo' }),
    redo: () => act({ do: 'redo' }),
    runNow: onRunNow,
    rename: () => setWindow('rename'),
    duplicate: async () => {
      const name = copyNameOf(attributes.name)
      const copy = await attempt(
        deeds.duplicate(id, { name, description: attributes.description, definition }),
        words.cantDo,
      )
      if (copy) {
        await navigate({
          to: '/workflows/$workflowId',
          params: { workflowId: copy },
          search: { step: undefined },
          state: { isMade: true },
        })
        toast.done(words.duplicated)
      }
    },
    switch: () => done(isPaused ? deeds.resume(id) : deeds.pause(id), isPaused ? words.resumed : words.paused),
    discard: () => setWindow('discard'),
    archive: () => setWindow('archive'),
    copySlug: async () => {
      await navigator.clipboard?.writeText(attributes.slug)
      toast.done(words.slugCopied(attributes.slug))
    },
    exportYaml: () => globalThis.location.assign(deeds.exportAddress(id)),
    history: () => setWindow('history'),
    outline: () => setIsOutlined(!isOutlined),
  }
  const add = (place: Place) => select({ kind: 'add', place })
  useEditorKeys({ deeds: onDeeds, isReadOnly, selected: state.selected, definition, add, remove })

  const jump = (subject: Subject) => {
    setWindow(undefined)
    select(subject.kind === 'step' ? subject : subject.kind === 'output' ? { kind: 'output' } : { kind: 'trigger' })
  }
  const editor: Editor = {
    definition,
    selected: state.selected,
    stepTypes,
    eventTypes,
    templates,
    plan,
    problems,
    isReadOnly,
    fresh,
    edit,
    select,
    remove,
  }
  const key = keyOf(state.selected)
  const known = useMemo(() => new Map(templates.map((template) => [template.id, template.name])), [templates])
  const isDraft = attributes.hasDraft || unsaved || attributes.publishedDefinition === null

  return (
    <EditorContext value={editor}>
      <div className={styles.editor}>
        <Head
          name={attributes.name}
          workflowId={id}
          slug={attributes.slug}
          state={
            attributes.publishedDefinition === null && attributes.state !== 'archived' ? 'draft' : attributes.state
          }
          isLive={attributes.state === 'running' && attributes.publishedDefinition !== null}
          hasDraft={(attributes.hasDraft || unsaved) && attributes.publishedDefinition !== null}
          version={isDraft ? words.versionDraft : words.versionLive}
          definition={definition}
          problems={problems}
          isUnsaved={unsaved}
          isSaving={isBusy}
          canUndo={canUndo(state.history)}
          canRedo={canRedo(state.history)}
          isOutlined={isOutlined}
          isReadOnly={isReadOnly}
          notPublishable={isLiveDrawn ? words.nothingToPublish : undefined}
          presence={<Presence others={others} />}
          deeds={onDeeds}
          onJump={jump}
        />
        {isReadOnly && <Notice>{attributes.state === 'archived' ? words.archivedNote : words.readOnly}</Notice>}
        {found && !isReadOnly && (
          <FoundNotice
            found={found}
            onRestore={() => {
              act({ do: 'saved', definition: found.base, etag: found.etag })
              act({ do: 'edit', definition: found.definition })
              setFound(found)
            }}
            onDiscard={() => setFound(found)}
          />
        )}
        {saving.newer && !isReadOnly && (
          <NewerNotice {...saving.newer} by={called(saving.newer.by)} onMerge={() => saveNow()} />
        )}
        {saving.merged && (
          <MergedNotice {...saving.merged} by={called(saving.merged.by)} onClose={saving.leaveMerged} />
        )}
        <div className={styles.board}>
          {isOutlined && <Outline selected={key} onSelect={(picked) => select(selectedOf(picked))} onAdd={add} />}
          <Canvas
            definition={definition}
            stepTypes={stepTypes}
            eventTypes={eventTypes}
            known={known}
            selected={key}
            onSelect={(picked) => select(selectedOf(picked))}
            {...(isReadOnly ? {} : { onAdd: add })}
            problemsOf={(card) =>
              problemsOf(problems, card).length + problems.filter(({ subject }) => `#${subject.kind}` === card).length
            }
          />
          <OpenPanel selected={state.selected} />
        </div>
        {window === 'publish' && (
          <PublishDialog
            live={attributes.publishedDefinition}
            draft={definition}
            problems={problems}
            isBusy={isBusy}
            by={attributes.lastUpdater}
            called={called}
            onPublish={saving.publish}
            onJump={jump}
            onClose={() => setWindow(undefined)}
          />
        )}
        {window === 'rename' && (
          <RenameDialog
            name={attributes.name}
            description={attributes.description}
            isBusy={isBusy}
            onRename={(renamed) => done(deeds.rename(id, renamed), words.renamed)}
            onClose={() => setWindow(undefined)}
          />
        )}
        {window === 'history' && (
          <Versions
            workflowId={id}
            drawn={definition}
            live={attributes.publishedDefinition}
            onRestore={(restored) => {
              edit(restored)
              setWindow(undefined)
              focusCard({ kind: 'trigger' }, restored)
              toast.done(words.restored)
            }}
            onClose={() => setWindow(undefined)}
          />
        )}
        <Confirm
          isOpen={window === 'discard'}
          onClose={() => setWindow(undefined)}
          title={words.discardTitle}
          description={words.discardHint}
          confirm={words.discardDraft.replace('…', '')}
          isDangerous
          isBusy={isBusy}
          onConfirm={discard}
        />
        <Confirm
          isOpen={window === 'archive'}
          onClose={() => setWindow(undefined)}
          title={words.archiveTitle}
          description={words.archiveHint}
          confirm={words.archive.replace('…', '')}
          isDangerous
          isBusy={isBusy}
          onConfirm={() => done(deeds.archive(id), words.archived)}
        />
        {conflict && (
          <ConflictDialog
            key={conflict.etag}
            conflict={conflict}
            by={called(conflict.by)}
            base={state.saved.definition}
            mine={definition}
            isBusy={isBusy}
            onSave={saveNow}
            onClose={saving.leaveConflict}
          />
        )}
      </div>
    </EditorContext>
  )
}

function OpenPanel({ selected }: { selected: Selected | undefined }) {
  switch (selected?.kind) {
    case 'trigger':
      return <TriggerPanel />
    case 'output':
      return <OutputPanel />
    case 'step':
      return <StepPanel key={selected.id} id={selected.id} />
    case 'add':
      return <AddStep key={JSON.stringify(selected.place)} place={selected.place} />
    default:
      return null
  }
}

/** The name of a copy; a long name is cut and gets an ellipsis. */
function copyNameOf(name: string): string {
  const letters = [...words.copyOf(name)]
  return letters.length > 100 ? `${letters.slice(0, 99).join('')}…` : letters.join('')
}

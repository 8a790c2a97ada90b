import { useQueryClient } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useReducer, useRef, useState } from 'react'
import type { Resource } from '../../../api/document'
import type { Problem as Refusal } from '../../../api/problem'
import { useMay, useSession } from '../../../api/session'
import type { Template } from '../../../forms/case-status'
import { Button } from '../../../ui/button'
import { Confirm } from '../../../ui/dialog'
import { useKeys } from '../../../ui/keys'
import { Notice } from '../../../ui/notice'
import { useTitle } from '../../../ui/page'
import { toast } from '../../../ui/toast'
import { ago } from '../../../words/time'
import { type Definition, find, type Place, type Subject, stepsOf, titleOf } from '../model/definition'
import { same } from '../model/differences'
import { remove as without } from '../model/edit'
import { canRedo, canUndo } from '../model/history'
import { AddStep } from './add-step'
import { Canvas, OUTPUT, TRIGGER } from './canvas'
import type { EventType, StepType } from './catalogue'
import { type Editor, EditorContext } from './context'
import { RenameDialog, StaleDialog } from './dialogs'
import styles from './editor.module.css'
import { type Deeds, Head } from './head'
import { Outline } from './outline'
import { OutputPanel } from './output-panel'
import { problemsOf, useProblems } from './problems'
import { PublishDialog } from './publish-dialog'
import { type Act, beginEditing, type EditorState, isUnsaved, reduce, type Selected } from './state'
import { StepPanel } from './step-panel'
import { TriggerPanel } from './trigger-panel'
import { forgetUnsaved, type Kept, keepUnsaved, slotOf, unsavedOf } from './unsaved'
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
  onRunNow: () => void
}

type Window = 'publish' | 'rename' | 'discard' | 'archive' | 'history'

/** The open editor of one workflow. */
export function OpenEditor({ workflow, etag, step, stepTypes, eventTypes, templates, onRunNow }: EditorProps) {
  const { attributes, id } = workflow
  const navigate = useNavigate()
  const client = useQueryClient()
  const { plan, user } = useSession()
  const isReadOnly = !useMay('workflow.write') || attributes.state === 'archived'
  const [state, act] = useReducer(reduce, undefined, () =>
    beginEditing(deeds.drawnOf(attributes), etag, step ? { kind: 'step', id: step } : undefined),
  )
  const [window, setWindow] = useState<Window>()
  const [isOutlined, setIsOutlined] = useState(false)
  const [conflict, setConflict] = useState<deeds.Conflict>()
  const [isBusy, setIsBusy] = useState(false)
  const definition = state.history.present
  const unsaved = isUnsaved(state)
  const problems = useProblems(definition, stepTypes)
  const [[found], setFound] = useFoundUnsaved(user.id, id, state.saved.definition)
  useTitle(attributes.name)
  useFocusWhenMade(definition)
  useKeptUnsaved(user.id, id, state, unsaved)
  useSavedElsewhere(attributes, etag, { state, isIdle: !unsaved && !isBusy, act })

  // What is selected stands in the address, so that a link shows the same.
  const selectedStep = state.selected?.kind === 'step' ? state.selected.id : undefined
  useEffect(() => {
    navigate({ to: '.', search: (old: object) => ({ ...old, step: selectedStep }), replace: true })
  }, [navigate, selectedStep])

  const select = (selected: Selected | undefined) => {
    const left = state.selected
    act({ do: 'select', selected })
    if (selected === undefined) focusCard(left, definition)
  }
  const edit: Editor['edit'] = (next, more) => act({ do: 'edit', definition: next, ...more })
  const remove = (stepId: string) => {
    const title = titleOf(find(definition, stepId)?.step ?? { id: stepId, do: '' })
    const order = Array.from(stepsOf(definition), (place) => place.step.id)
    const before = order[order.indexOf(stepId) - 1]
    act({ do: 'edit', definition: without(definition, stepId) })
    act({ do: 'select', selected: undefined })
    focusCard(before ? { kind: 'step', id: before } : { kind: 'trigger' }, definition)
    toast.done(words.deleted(title), { action: { label: words.undo, run: () => act({ do: 'undo' }) } })
  }

  const attempt = async <T,>(deed: Promise<T>, failed: string): Promise<T | undefined> => {
    setIsBusy(true)
    try {
      return await deed
    } catch (problem) {
      const { message, requestId } = problem as Refusal
      toast.failed(failed, { detail: [message, requestId].filter(Boolean).join(' · ') })
      return undefined
    } finally {
      setIsBusy(false)
    }
  }

  /** Saves, and answers the ETag of what is saved; nothing where somebody else was first. */
  const save = async (over = state.saved.etag): Promise<string | undefined> => {
    const saved = await attempt(deeds.saveDraft(id, definition, over), words.cantSave)
    if (saved?.kind === 'conflict') {
      // What changed was not the drawing, but its name or whether it runs.
      if (same(saved.conflict.theirs, state.saved.definition)) return save(saved.conflict.etag)
      setConflict(saved.conflict)
    }
    if (saved?.kind !== 'saved') return undefined
    act({ do: 'saved', definition: saved.definition, etag: saved.etag })
    setConflict(undefined)
    await deeds.askAnew(client)
    return saved.etag
  }
  const publish = async (description: string) => {
    const current = unsaved || !attributes.hasDraft ? await save() : state.saved.etag
    if (current === undefined) return setWindow(undefined)
    const done = await attempt(deeds.publish(id, { description, etag: current }), words.cantDo)
    if (!done) return
    setWindow(undefined)
    act({ do: 'saved', definition, etag: done.etag ?? current })
    toast.done(words.published)
    await deeds.askAnew(client)
  }
  const done = async (deed: Promise<unknown>, told: string) => {
    if ((await attempt(deed, words.cantDo)) === undefined) return
    setWindow(undefined)
    toast.done(told)
    const fresh = await client.fetchQuery({ ...deeds.workflowQuery(id), staleTime: 0 })
    if (!unsaved) act({ do: 'saved', definition: deeds.drawnOf(fresh.data.attributes), etag: fresh.etag ?? '' })
    await deeds.askAnew(client)
  }
  /** Back to what is live: the saved draft and what was not saved yet are gone. */
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
    save: () => save().then((current) => current && toast.done(words.saved)),
    publish: () => setWindow('publish'),
    undo: () => act({ do: 'undo' }),
    redo: () => act({ do: 'redo' }),
    runNow: onRunNow,
    rename: () => setWindow('rename'),
    duplicate: async () => {
      const name = words.copyOf(attributes.name).slice(0, 100)
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
          deeds={onDeeds}
          onJump={jump}
        />
        {isReadOnly && <Notice>{attributes.state === 'archived' ? words.archivedNote : words.readOnly}</Notice>}
        {found && !isReadOnly && (
          <Notice
            tone="warn"
            isAlert
            action={
              <>
                <Button
                  size="small"
                  onClick={() => {
                    act({ do: 'saved', definition: found.base, etag: found.etag })
                    act({ do: 'edit', definition: found.definition })
                    setFound(found)
                  }}
                >
                  {words.restore}
                </Button>
                <Button size="small" look="quiet" onClick={() => setFound(found)}>
                  {words.discard}
                </Button>
              </>
            }
          >
            {words.unsavedFound(ago(new Date(found.at), new Date()))}
          </Notice>
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
            onPublish={publish}
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
          <StaleDialog
            conflict={conflict}
            base={state.saved.definition}
            isBusy={isBusy}
            onTakeTheirs={() => {
              act({ do: 'take', definition: conflict.theirs, etag: conflict.etag })
              setConflict(undefined)
              toast.done(words.keptInUndo)
              deeds.askAnew(client)
            }}
            onTakeMine={() => save(conflict.etag).then((current) => current && toast.done(words.saved))}
            onClose={() => setConflict(undefined)}
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

function keyOf(selected: Selected | undefined): string | undefined {
  if (selected?.kind === 'step') return selected.id
  if (selected?.kind === 'trigger') return TRIGGER
  return selected?.kind === 'output' ? OUTPUT : undefined
}

const selectedOf = (key: string): Selected =>
  key === TRIGGER ? { kind: 'trigger' } : key === OUTPUT ? { kind: 'output' } : { kind: 'step', id: key }

/** When a panel closes, the focus goes back to the card it was about. */
function focusCard(selected: Selected | undefined, definition: Definition) {
  const before = selected?.kind === 'add' ? stepBefore(selected.place, definition) : keyOf(selected)
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>(`[data-card="${CSS.escape(before ?? TRIGGER)}"]`)?.focus(),
  )
}

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** It was made a moment ago, and this is the way to it. */
    isMade?: boolean
  }
}

/** Whoever just made a workflow goes on at its trigger; what they pressed is gone. */
function useFocusWhenMade(definition: Definition) {
  const isMade = useLocation({ select: ({ state }) => state.isMade === true })
  const made = useRef(isMade ? definition : undefined)
  useEffect(() => {
    if (made.current) focusCard({ kind: 'trigger' }, made.current)
    made.current = undefined
  }, [])
}

function stepBefore({ list, index }: Place, definition: Definition): string {
  const here = Array.from(stepsOf(definition)).find(
    ({ place }) => JSON.stringify(place.list) === JSON.stringify(list) && place.index === index - 1,
  )
  return here?.step.id ?? list?.step ?? TRIGGER
}

/** What was not saved when this workflow was last open in this browser, until it is decided what becomes of it. */
function useFoundUnsaved(userId: string, workflowId: string, saved: Definition): [Kept[], (decided: Kept) => void] {
  const [found, setFound] = useState(() =>
    unsavedOf(userId, workflowId).filter(({ definition }) => !same(definition, saved)),
  )
  const decide = (decided: Kept) => {
    forgetUnsaved(decided.slot)
    setFound(found.filter(({ slot }) => slot !== decided.slot))
  }
  return [found, decide]
}

/** Keeps what is not saved in the browser, and asks before the page is left with it. */
function useKeptUnsaved(userId: string, workflowId: string, { history, saved }: EditorState, isUnsavedNow: boolean) {
  const [slot] = useState(() => slotOf(userId, workflowId))
  const definition = history.present
  useEffect(() => {
    if (!isUnsavedNow) return forgetUnsaved(slot)
    keepUnsaved(slot, { definition, base: saved.definition, etag: saved.etag, at: new Date().toISOString() })
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    globalThis.addEventListener('beforeunload', ask)
    return () => globalThis.removeEventListener('beforeunload', ask)
  }, [slot, definition, saved, isUnsavedNow])
}

interface Watched {
  state: EditorState
  isIdle: boolean
  act: (act: Act) => void
}

/** Shows a draft that somebody else saved, where nothing is drawn here that it could take the place of. */
function useSavedElsewhere(attributes: deeds.EditedAttributes, etag: string, { state, isIdle, act }: Watched) {
  const known = useRef(etag)
  useEffect(() => {
    if (known.current === etag) return
    known.current = etag
    if (!isIdle || state.saved.etag === etag) return
    const theirs = deeds.drawnOf(attributes)
    if (!same(theirs, state.saved.definition)) toast.done(words.savedElsewhere)
    act({ do: 'take', definition: theirs, etag })
  }, [attributes, etag, state.saved, isIdle, act])
}

interface EditorKeys {
  deeds: Deeds
  isReadOnly: boolean
  selected: Selected | undefined
  definition: Definition
  add: (place: Place) => void
  remove: (id: string) => void
}

function useEditorKeys({ deeds, isReadOnly, selected, definition, add, remove }: EditorKeys) {
  const focused = () => (document.activeElement as HTMLElement | null)?.dataset.card
  const here = () => find(definition, focused() ?? (selected?.kind === 'step' ? selected.id : ''))?.place
  const after = (): Place => {
    const place = here()
    return place ? { ...place, index: place.index + 1 } : { list: null, index: 0 }
  }
  const always = [{ keys: 'alt+o', label: words.keys.outline, scope: 'here' as const, run: deeds.outline }]
  const editing = [
    { keys: 'mod+s', label: words.keys.save, whileTyping: true, scope: 'here' as const, run: deeds.save },
    {
      keys: 'mod+shift+enter',
      label: words.keys.publish,
      whileTyping: true,
      scope: 'here' as const,
      run: deeds.publish,
    },
    { keys: 'mod+z', label: words.keys.undo, scope: 'here' as const, run: deeds.undo },
    { keys: 'mod+shift+z', label: words.keys.redo, scope: 'here' as const, run: deeds.redo },
    { keys: 'a', label: words.keys.add, scope: 'here' as const, run: () => add(after()) },
    {
      keys: 'delete',
      label: words.keys.remove,
      scope: 'here' as const,
      run: () => {
        const id = focused()
        if (id && !id.startsWith('#')) remove(id)
      },
    },
  ]
  useKeys(isReadOnly ? always : [...always, ...editing])
}

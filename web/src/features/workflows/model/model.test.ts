import { describe, expect, it } from 'vitest'
import { type Action, type Choose, type Definition, find, type listOf, stepsOf, subjectAt } from './definition'
import { differences, same } from './differences'
import * as edit from './edit'
import { begin, canRedo, canUndo, goOn, redo, undo } from './history'
import { dependentsOf, literal, referencesIn, stepsBefore, written } from './references'

const tag = (id: string, over: Partial<Action> = {}): Action => ({
  id,
  name: id.toUpperCase(),
  do: 'object.tag',
  with: {},
  ...over,
})

/** a, m (yes: b, n (deep: c | Else), d | Else: e), f */
const drawn = (): Definition => ({
  trigger: { on: ['inquiry.completed'] },
  steps: [
    tag('a'),
    {
      id: 'm',
      choose: [
        {
          label: 'yes',
          when: { any: [{ all: [{ field: 'a.x', is: 'is_true' }] }] },
          steps: [
            tag('b', { with: { object: { ref: 'a.case' }, tags: ['{{ trigger.status }}'] } }),
            {
              id: 'n',
              choose: [
                { label: 'deep', when: { field: 'b.x', is: 'is_true' }, steps: [tag('c')] },
                { label: 'Else', steps: [] },
              ],
            },
            tag('d'),
          ],
        },
        { label: 'Else', steps: [tag('e')] },
      ],
    },
    tag('f', { with: { object: { ref: 'b' } } }),
  ],
})

const choose = (definition: Definition, id: string) => find(definition, id)?.step as Choose

const ids = (definition: Definition) => Array.from(stepsOf(definition), ({ step }) => step.id).join(' ')

describe('a definition', () => {
  it('is walked in document order, with places and pointers', () => {
    expect(ids(drawn())).toBe('a m b n c d e f')
    expect(find(drawn(), 'c')).toMatchObject({
      place: { list: { step: 'n', route: 0 }, index: 0 },
      depth: 2,
      pointer: '/steps/1/choose/0/steps/1/choose/0/steps/0',
    })
  })

  it('finds the step of a problem', () => {
    expect(subjectAt(drawn(), '/steps/1/choose/0/steps/0/with/tags/0')).toEqual({ kind: 'step', id: 'b' })
    expect(subjectAt(drawn(), '/steps/1/choose/0/when/any')).toEqual({ kind: 'step', id: 'm' })
    expect(subjectAt(drawn(), '/trigger/on')).toEqual({ kind: 'trigger' })
    expect(subjectAt(drawn(), '/steps/10')).toEqual({ kind: 'definition' })
  })
})

describe('an edit', () => {
  it('puts a step into any circle', () => {
    const everywhere = [
      [{ list: null, index: 0 }, 'x a m b n c d e f'],
      [{ list: null, index: 3 }, 'a m b n c d e f x'],
      [{ list: { step: 'm', route: 0 }, index: 1 }, 'a m b x n c d e f'],
      [{ list: { step: 'n', route: 1 }, index: 0 }, 'a m b n c x d e f'],
    ] as const
    for (const [place, order] of everywhere) expect(ids(edit.insert(drawn(), place, tag('x')))).toBe(order)
  })

  it('reuses the unchanged parts', () => {
    const before = drawn()
    const after = edit.replace(before, 'c', (step) => ({ ...step, name: 'C!' }))
    expect(after.steps[0]).toBe(before.steps[0])
    expect(after.steps[2]).toBe(before.steps[2])
    expect(after.steps[1]).not.toBe(before.steps[1])
    expect(edit.replace(before, 'nobody', (step) => ({ ...step, name: '!' }))).toBe(before)
  })

  it('removes a step with everything in its routes', () => {
    expect(ids(edit.remove(drawn(), 'n'))).toBe('a m b d e f')
    expect(ids(edit.remove(drawn(), 'm'))).toBe('a f')
  })

  it('moves a step among its neighbours and no further', () => {
    expect(ids(edit.move(drawn(), 'd', -1))).toBe('a m b d n c e f')
    expect(ids(edit.move(drawn(), 'b', -1))).toBe('a m b n c d e f')
    expect(ids(edit.move(drawn(), 'f', 1))).toBe('a m b n c d e f')
  })

  it('copies a step with new ids, and references inside the copy use them', () => {
    const copied = edit.duplicate(drawn(), 'm')
    expect(copied?.id).toBe('m_2')
    expect(ids(copied?.definition as Definition)).toBe('a m b n c d e m_2 b_2 n_2 c_2 d_2 e_2 f')
    const inner = find(copied?.definition as Definition, 'n_2')?.step as Choose
    expect(inner.choose[0]?.when).toEqual({ field: 'b_2.x', is: 'is_true' })
    const b = find(copied?.definition as Definition, 'b_2')?.step as Action
    expect(b.with).toEqual({ object: { ref: 'a.case' }, tags: ['{{trigger.status}}'] })
  })

  it('gives new steps ids that are free and can be referred to', () => {
    expect(edit.newAction(drawn(), { key: 'x', label: 'Update Case Status' }).id).toBe('update_case_status')
    expect(edit.freeId('Ünïque näme!', new Set())).toBe('u_ni_que_na_me')
    expect(edit.freeId('7 days', new Set())).toBe('step_7_days')
    expect(edit.freeId('Trigger', new Set())).toBe('trigger_2')
    expect(edit.freeId('a', new Set(['a', 'a_2']))).toBe('a_3')
    expect(edit.freeId('审查', new Set())).toBe('step')
  })

  it('keeps the Else last', () => {
    const more = edit.addRoute(drawn(), 'm', 'maybe')
    const labels = (definition: Definition) =>
      choose(definition, 'm')
        .choose.map((route) => route.label)
        .join(' ')
    expect(labels(more)).toBe('yes maybe Else')
    expect(labels(edit.moveRoute(more, 'm', 1, -1))).toBe('maybe yes Else')
    expect(labels(edit.moveRoute(more, 'm', 1, 1))).toBe('yes maybe Else')
    expect(labels(edit.removeRoute(more, 'm', 2))).toBe('yes maybe Else')
    expect(labels(edit.removeRoute(more, 'm', 0))).toBe('maybe Else')
  })

  it('shows a condition as groups, or not at all', () => {
    const row = { field: 'a', is: 'is_true' }
    expect(edit.groupsOf(row)).toEqual([[row]])
    expect(edit.groupsOf({ all: [row, row] })).toEqual([[row, row]])
    expect(edit.groupsOf({ any: [row, { all: [row] }] })).toEqual([[row], [row]])
    expect(edit.groupsOf({ not: row })).toBeUndefined()
    expect(edit.groupsOf({ any: [{ all: [{ any: [row] }] }] })).toBeUndefined()
  })
})

describe('references', () => {
  it('reach the steps before, those in earlier routes too', () => {
    const reached = (list: Parameters<typeof listOf>[1], index: number) =>
      stepsBefore(drawn(), { list, index })
        .map((step) => step.id)
        .join(' ')
    expect(reached(null, 0)).toBe('')
    expect(reached(null, 2)).toBe('a b c d e')
    expect(reached({ step: 'm', route: 0 }, 1)).toBe('a b')
    expect(reached({ step: 'n', route: 0 }, 0)).toBe('a b')
    expect(reached({ step: 'm', route: 1 }, 0)).toBe('a')
  })

  it('are found everywhere', () => {
    expect(
      referencesIn({
        a: { ref: 'x.y' },
        b: ['{{ z }} and {{w.v}}'],
        c: { literal: { ref: 'no' } },
        d: { field: 'q', is: 'equals', value: '{{r}}' },
      }),
    ).toEqual(['x.y', 'z', 'w.v', 'q', 'r'])
  })

  it('list the steps that depend on a step', () => {
    expect(dependentsOf(drawn(), 'a').map((step) => step.id)).toEqual(['m', 'b'])
    expect(dependentsOf(drawn(), 'm').map((step) => step.id)).toEqual(['f'])
    expect(dependentsOf(drawn(), 'f')).toEqual([])
  })

  it('are distinguished from literals and texts', () => {
    expect(written(undefined)).toEqual({ kind: 'nothing' })
    expect(written('{{ trigger.id }}')).toEqual({ kind: 'reference', path: 'trigger.id' })
    expect(written({ ref: 'a' })).toEqual({ kind: 'reference', path: 'a' })
    expect(written('to {{ a }}')).toEqual({ kind: 'text', text: 'to {{ a }}' })
    expect(written(literal('{{ as it stands }}'))).toEqual({ kind: 'literal', value: '{{ as it stands }}' })
    expect(written('Pending')).toEqual({ kind: 'literal', value: 'Pending' })
  })
})

describe('history', () => {
  it('goes back and forth', () => {
    let history = goOn(goOn(begin('a'), 'b'), 'c')
    history = undo(undo(history))
    expect([history.present, canUndo(history), canRedo(history)]).toEqual(['a', false, true])
    expect(redo(history).present).toBe('b')
    expect(canRedo(goOn(history, 'd'))).toBe(false)
  })

  it('takes letters typed into one box as one step', () => {
    const typed = ['n', 'na', 'name'].reduce((history, text) => goOn(history, text, 'name of a'), begin(''))
    expect(undo(typed).present).toBe('')
    expect(undo(goOn(typed, 'else', 'name of b')).present).toBe('name')
  })
})

describe('differences', () => {
  it('are none between equals, regardless of the order of members', () => {
    expect(differences(drawn(), drawn())).toEqual([])
    expect(same({ a: 1, b: [2, { c: 3 }] }, { b: [2, { c: 3 }], a: 1 })).toBe(true)
    expect(same([1], { 0: 1 })).toBe(false)
  })

  it('name what was added, removed, moved and changed, and no neighbour of it', () => {
    const told = (to: Definition) => differences(drawn(), to).map((d) => ('id' in d ? `${d.kind} ${d.id}` : d.kind))
    expect(told(edit.insert(drawn(), { list: null, index: 0 }, tag('x')))).toEqual(['added x'])
    expect(told(edit.remove(drawn(), 'a'))).toEqual(['removed a'])
    expect(told(edit.move(drawn(), 'd', -1))).toHaveLength(1)
    expect(told({ ...drawn(), trigger: { on: ['inquiry.failed'] } })).toEqual(['trigger'])
    const changed = edit.replace(
      drawn(),
      'e',
      (step) => ({ ...step, on_error: 'continue', with: { tags: ['x'] } }) as Action,
    )
    expect(differences(drawn(), changed)).toEqual([
      {
        kind: 'changed',
        id: 'e',
        title: 'E',
        type: 'object.tag',
        what: [
          { part: 'input', input: 'tags', from: undefined, to: ['x'] },
          { part: 'on-error', to: 'continue' },
        ],
      },
    ])
    expect(told(edit.changeRoute(drawn(), 'm', 0, (route) => ({ ...route, label: 'no' })))).toEqual(['changed m'])
  })
})

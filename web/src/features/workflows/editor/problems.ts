/**
 * The problems of the current definition, requested from the server a moment after the last change. Nothing is saved.
 */

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from '../../../api/client'
import type { One } from '../../../api/document'
import {
  type Definition,
  type Found,
  find,
  partsOf,
  type Subject,
  subjectAt,
  titleOf,
  valueAt,
} from '../model/definition'
import { same } from '../model/differences'
import type { StepType } from './catalogue'
import { problemInWords } from './problem-in-words'
import { words } from './words'

export interface Problem {
  path: string
  pointer: string
  code: string
  message: string
  subject: Subject
}

const PAUSE_MS = 400

export function useProblems(definition: Definition, stepTypes: StepType[]): Problem[] {
  const [settled, setSettled] = useState(definition)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(definition), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [definition])
  const { data } = useQuery({
    queryKey: ['workflow-validation', settled],
    queryFn: async ({ signal }) => {
      const body = { data: { attributes: { definition: settled } } }
      const answer = await call<One<unknown>, '/workflows/validate'>('post', '/workflows/validate', { body, signal })
      return { judged: settled, problems: (answer.value.meta?.problems ?? []) as Omit<Problem, 'subject'>[] }
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  const { judged = definition, problems = [] } = data ?? {}
  return problems
    .filter(({ pointer }) => isAsItWas(pointer, judged, definition))
    .map((problem) => {
      const found = { ...problem, subject: subjectAt(judged, problem.pointer) }
      return { ...found, message: problemInWords(found, judged, stepTypes) }
    })
}

/** Whether the checked value is unchanged: the problems of a changed place are unknown until the next response. */
export function isAsItWas(pointer: string, judged: Definition, now: Definition): boolean {
  const parts = partsOf(pointer)
  return same(valueAt(judged, parts), valueAt(now, parts))
}

/** The problems of one step. */
export const problemsOf = (problems: Problem[], id: string) =>
  problems.filter(({ subject }) => subject.kind === 'step' && subject.id === id)

/** The problems of one input of a step, which its box shows. */
export const problemAt = (problems: Problem[], member: string) =>
  problems
    .filter(({ pointer }) => inputOf(pointer) === member)
    .map(({ message }) => message)
    .join('. ') || undefined

/** The input of a step that a pointer leads into. */
export const inputOf = (pointer: string) => /\/with\/([^/]+)/.exec(pointer)?.[1]

/** The problems of one route of a conditional, shown below its condition. */
export const problemsOfRoute = (problems: Problem[], { step, pointer }: Found, route: number) =>
  problemsOf(problems, step.id).filter((problem) => problem.pointer.startsWith(`${pointer}/choose/${route}/`))

/** The subject of a problem, in words. */
export function subjectInWords(definition: Definition, subject: Subject): string {
  if (subject.kind === 'trigger') return words.trigger
  if (subject.kind === 'output') return words.output
  if (subject.kind === 'definition') return ''
  const step = find(definition, subject.id)?.step
  return step ? titleOf(step) : subject.id
}

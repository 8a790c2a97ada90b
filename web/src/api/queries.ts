import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { call, type Options, type Paths, type Query } from './client'
import { cursorAfter, type Many, type One } from './document'
import type { Problem } from './problem'

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: Problem
  }
}

type GetPath = { [P in keyof Paths]: Paths[P] extends { get: object } ? P : never }[keyof Paths] & string

/**
 * One object, cached with its ETag. `key` begins with the object's type and id: `['case', id]`, so that the stream can
 * invalidate it.
 */
export function oneQuery<A, P extends GetPath>(
  key: readonly [type: string, id: string, ...more: unknown[]],
  path: P,
  options: Options<P>,
) {
  return queryOptions({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const answer = await call<One<A>, P>('get' as never, path, ...([{ ...options, signal }] as never))
      return { ...answer.value, etag: answer.etag }
    },
  })
}

/** A list, page by page. `key` begins with the type and `'list'`. */
export function listQuery<A, P extends GetPath>(
  key: readonly [type: string, 'list', ...more: unknown[]],
  path: P,
  options: Options<P> & { query?: Query },
) {
  return infiniteQueryOptions({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = { 'page[size]': PAGE_SIZE, ...options.query, 'page[after]': pageParam }
      const answer = await call<Many<A>, P>('get' as never, path, ...([{ ...options, query, signal }] as never))
      return answer.value
    },
    getNextPageParam: cursorAfter,
    placeholderData: keepPreviousData,
    select: (data) => ({ rows: data.pages.flatMap((page) => page.data), pages: data.pages }),
  })
}

/** A short list (a template's statuses, a case's comments), in one response. */
export function wholeQuery<A, P extends GetPath>(
  key: readonly [type: string, ...more: unknown[]],
  path: P,
  options: Options<P>,
) {
  return queryOptions({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const answer = await call<Many<A>, P>('get' as never, path, ...([{ ...options, signal }] as never))
      return { ...answer.value, etag: answer.etag }
    },
  })
}

const PAGE_SIZE = 50

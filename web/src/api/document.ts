/** A reference to an object, by its type and id. */
export interface Ref {
  type: string
  id: string
}

/** One object in the API's form. `A` are its attributes. */
export interface Resource<A = Record<string, unknown>> extends Ref {
  attributes: A
  relationships?: Record<string, { data: Ref | Ref[] | null } | undefined>
  meta?: Record<string, unknown>
}

/** A document with one object. */
export interface One<A> {
  data: Resource<A>
  included?: Resource[]
  meta?: Record<string, unknown>
}

/** A page of a list. */
export interface Many<A> {
  data: Resource<A>[]
  included?: Resource[]
  links?: { prev: string | null; next: string | null }
  meta?: Record<string, unknown>
}

/** The one object that a relationship names. */
export function related(resource: Resource<unknown>, name: string): Ref | undefined {
  const data = resource.relationships?.[name]?.data
  return Array.isArray(data) ? data[0] : (data ?? undefined)
}

/** The objects that a relationship names. */
export function relatedMany(resource: Resource<unknown>, name: string): Ref[] {
  const data = resource.relationships?.[name]?.data
  return Array.isArray(data) ? data : data ? [data] : []
}

/** The cursor of the page after this one, or `undefined` at the end. */
export function cursorAfter(page: { links?: { next: string | null } }): string | undefined {
  const next = page.links?.next
  return next ? (new URL(next, 'http://docket').searchParams.get('page[after]') ?? undefined) : undefined
}

/** The attributes in the API's description: a field that is not described can't be read. */
import type { operations } from './schema'

/** A name in the casing of responses: `created-at` is `createdAt`. */
type Camel<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Name

/** Any type, with its names in the casing of responses. */
type Camelised<T> = T extends (infer Item)[]
  ? Camelised<Item>[]
  : T extends object
    ? { [Name in keyof T as Name extends string ? Camel<Name> : Name]: Camelised<T[Name]> }
    : T

/** The response of an operation that succeeds. */
type Answered<Op> = Op extends { responses: infer Responses }
  ? Responses extends { 200: { content: { 'application/json': infer Body } } }
    ? Body
    : Responses extends { 201: { content: { 'application/json': infer Body } } }
      ? Body
      : never
  : never

type Item<Data> = Data extends (infer One)[] ? One : Data

/** The attributes of the objects in a response: of one object, or of each in a list. */
export type Shown<Op extends keyof operations> =
  Answered<operations[Op]> extends { data: infer Data }
    ? Item<Data> extends { attributes: infer Attributes }
      ? Camelised<Attributes>
      : never
    : never

/** The same, with narrower types than the description's for some members. */
export type Refined<T, Closer extends { [Name in keyof Closer]: Name extends keyof T ? unknown : never }> = Omit<
  T,
  keyof Closer
> &
  Closer

/** The `meta` of an operation's response. */
export type Told<Op extends keyof operations> =
  Answered<operations[Op]> extends { meta: infer Meta } ? Camelised<Meta> : never

/** The attributes that the API shows, taken from its description: a field that is not described can't be read. */
import type { operations } from './schema'

/** A name as it comes to us: `created-at` is `createdAt`. */
type Camel<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Name

/** Whatever it is, with its names as they come to us. */
type Camelised<T> = T extends (infer Item)[]
  ? Camelised<Item>[]
  : T extends object
    ? { [Name in keyof T as Name extends string ? Camel<Name> : Name]: Camelised<T[Name]> }
    : T

/** What an operation answers when it succeeds. */
type Answered<Op> = Op extends { responses: infer Responses }
  ? Responses extends { 200: { content: { 'application/json': infer Body } } }
    ? Body
    : Responses extends { 201: { content: { 'application/json': infer Body } } }
      ? Body
      : never
  : never

type Item<Data> = Data extends (infer One)[] ? One : Data

/** The attributes of what an operation shows; of one object, or of each of a list. */
export type Shown<Op extends keyof operations> =
  Answered<operations[Op]> extends { data: infer Data }
    ? Item<Data> extends { attributes: infer Attributes }
      ? Camelised<Attributes>
      : never
    : never

/** The same, where some of it is known more closely than the description says. */
export type Refined<T, Closer extends { [Name in keyof Closer]: Name extends keyof T ? unknown : never }> = Omit<
  T,
  keyof Closer
> &
  Closer

/** What an operation tells beside its data. */
export type Told<Op extends keyof operations> =
  Answered<operations[Op]> extends { meta: infer Meta } ? Camelised<Meta> : never

/** Operations that are agreed on and not in the description yet. Each goes away when `schema.ts` has it. */
type To<M extends string> = { [method in M]: { responses: unknown } } & {
  [method in Exclude<'get' | 'post' | 'put' | 'patch' | 'delete', M>]?: never
}

export interface Planned {
  '/search': To<'get'>
  '/cases/{case-id}/objects': To<'get'>
  '/cases/{case-id}/statuses': To<'get'>
  '/cases/{case-id}/assign': To<'post'>
  '/cases/{case-id}/unassign': To<'post'>
  '/cases/{case-id}/comments': To<'get' | 'post'>
  '/workflows/statistics': To<'get'>
  '/workflows/{workflow-id}/export': To<'get'>
  '/references': To<'get'>
  '/sources': To<'get'>
  '/sources/{source-id}/rotate': To<'post'>
  '/openapi': To<'get'>
}

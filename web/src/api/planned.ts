/** Operations that are agreed on and not in the description yet. Each goes away when `schema.ts` has it. */
type To<M extends string> = { [method in M]: { responses: unknown } } & {
  [method in Exclude<'get' | 'post' | 'put' | 'patch' | 'delete', M>]?: never
}

export interface Planned {
  '/sessions': To<'post'>
  '/session': To<'get' | 'patch' | 'delete'>
  '/setup': To<'get' | 'post'>
  '/users': To<'get'>
  '/search': To<'get'>
  '/cases/{case-id}/objects': To<'get'>
  '/cases/{case-id}/statuses': To<'get'>
  '/cases/{case-id}/assign': To<'post'>
  '/cases/{case-id}/unassign': To<'post'>
  '/cases/{case-id}/comments': To<'get' | 'post'>
  '/workflows/statistics': To<'get'>
  '/workflows/validate': To<'post'>
  '/workflows/{workflow-id}/versions': To<'get'>
  '/workflows/{workflow-id}/export': To<'get'>
  '/workflows/{workflow-id}/run': To<'post'>
  '/workflow-versions/{workflow-version-id}': To<'get'>
  '/workflow-templates': To<'get'>
  '/event-types': To<'get'>
  '/references': To<'get'>
  '/api-keys': To<'get' | 'post'>
  '/api-keys/{api-key-id}': To<'get'>
  '/api-keys/{api-key-id}/expire': To<'post'>
  '/sources/{source-id}/rotate': To<'post'>
  '/openapi': To<'get'>
}

/** Further search terms for places and commands. Only the palette loads them. */
export const SYNONYMS: Record<string, string[]> = {
  '/cases/templates': ['statuses', 'custom statuses'],
  '/workflows': ['automation'],
  '/developers/api-keys': ['tokens'],
  '/developers/sources': ['webhooks', 'vendors'],
  '/developers/openapi': ['api', 'reference'],
  '/settings/organization': ['plan'],
  '/settings/people': ['users', 'team'],
  '/settings/bundle': ['import', 'export', 'copy to production', 'migrate'],
  '/settings/retention': ['delete old data', 'privacy', 'keep'],
  'create-case': ['new case', 'open a case'],
  'create-workflow': ['new workflow'],
  guide: ['help', 'documentation', 'docs'],
}

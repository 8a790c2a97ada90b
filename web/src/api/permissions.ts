// Generated from crates/kernel/src/permission.rs; change it there.

/** What each permission permits, as people say it. */
export const permissions: Record<string, string> = {
  'account.read': 'View accounts',
  'account.write': 'Create and change accounts',
  'case.read': 'View cases',
  'case.write': 'Create, change and decide cases',
  'case_template.read': 'View case templates',
  'case_template.write': 'Create and change case templates',
  'event.read': 'View events',
  'inquiry.read': 'View inquiries',
  'inquiry.write': 'Create and decide inquiries',
  'workflow.read': 'View workflows and runs',
  'workflow.write': 'Create, change and publish workflows',
  'workflow.trigger': 'Run workflows',
  'workflow.grant': 'Publish workflows that change cases, accounts and inquiries',
  'source.ingest': 'Receive webhooks',
  'source.read': 'View sources',
  'source.write': 'Create sources and their secrets',
  'api_key.read': 'View API keys',
  'api_key.write': 'Create and expire API keys',
  'user.read': 'View people',
  'user.write': 'Add people and change their roles',
  'retention.write': 'Change how long data is kept',
}

-- Work that could not be done and waits for a person: a run that can neither go on nor be recorded as failed, and a
-- workflow whose live version can't be judged.
CREATE TABLE fault (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  object_type TEXT NOT NULL CHECK (object_type IN ('workflow-run', 'workflow')),
  object_id TEXT NOT NULL,
  workflow_id TEXT,
  state TEXT NOT NULL CHECK (state IN ('retrying', 'parked')),
  reason TEXT NOT NULL,
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  tried_at BIGINT,
  CHECK ((state = 'parked') = (tried_at IS NULL))
);
CREATE INDEX fault_list ON fault (environment_id, created_at, id);
CREATE INDEX fault_state_list ON fault (environment_id, state, created_at, id);
CREATE INDEX fault_age ON fault (tried_at) WHERE tried_at IS NOT NULL;

-- Due work is claimed one environment after the other.
CREATE INDEX workflow_run_due_party ON workflow_run (environment_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX redaction_due_party ON redaction (environment_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX file_content_staged_party ON file_content (environment_id, staged_until, id) WHERE staged_until IS NOT NULL;

-- An event asks for what listens to it, and not for everything that listens in its environment.
CREATE INDEX subscription_event ON subscription (environment_id, event_name);

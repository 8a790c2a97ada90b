-- The founding schema. PostgreSQL.
-- Ids are text, times are microseconds since 1970 in UTC, JSON holds what organizations define.
-- A row refers only to rows of tables above it. Hot tables carry environment_id without a foreign key: the id comes
-- from the credential, and a lock on the environment's row in every commit would be paid for nothing.

CREATE TABLE sequence (
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  next BIGINT NOT NULL,
  PRIMARY KEY (scope, name)
);

CREATE TABLE counter (
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  value BIGINT NOT NULL,
  PRIMARY KEY (scope, name)
);

CREATE INDEX counter_name ON counter (name);

CREATE TABLE batch_marker (
  id TEXT PRIMARY KEY,
  created_at BIGINT NOT NULL
);

CREATE TABLE organization (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  plan TEXT NOT NULL CHECK (plan IN ('startup', 'essential', 'growth', 'enterprise')),
  created_at BIGINT NOT NULL
);

CREATE TABLE environment (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organization (id),
  version BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('sandbox', 'production')),
  created_at BIGINT NOT NULL,
  UNIQUE (organization_id, kind)
);

CREATE TABLE user_account (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organization (id),
  version BIGINT NOT NULL,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (organization_id, email)
);

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL REFERENCES environment (id),
  organization_id TEXT NOT NULL REFERENCES organization (id),
  version BIGINT NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE,
  creator_email TEXT NOT NULL,
  permissions JSONB NOT NULL,
  api_version TEXT NOT NULL,
  inflection TEXT NOT NULL,
  rate_limit BIGINT,
  expires_at BIGINT,
  created_at BIGINT NOT NULL
);

CREATE TABLE answer (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  key TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  status BIGINT NOT NULL,
  body TEXT NOT NULL,
  etag TEXT,
  created_at BIGINT NOT NULL,
  UNIQUE (environment_id, key)
);
CREATE INDEX answer_age ON answer (created_at);

CREATE TABLE source (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL REFERENCES environment (id),
  version BIGINT NOT NULL,
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  secrets JSONB NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (environment_id, name)
);

CREATE TABLE object (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT,
  reference_id TEXT,
  reference_key TEXT,
  account_id TEXT,
  template_id TEXT,
  attributes JSONB NOT NULL,
  fields JSONB NOT NULL,
  relationships JSONB NOT NULL,
  tags JSONB NOT NULL,
  is_stub BOOLEAN NOT NULL,
  as_of BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX object_reference ON object (environment_id, reference_key) WHERE reference_key IS NOT NULL;
CREATE INDEX object_list ON object (environment_id, kind, created_at, id);
CREATE INDEX object_reference_list ON object (environment_id, reference_id) WHERE reference_id IS NOT NULL;
CREATE INDEX object_account ON object (account_id, created_at, id) WHERE account_id IS NOT NULL;

CREATE TABLE receipt (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  receipt_key TEXT NOT NULL,
  name TEXT NOT NULL,
  event_id TEXT,
  created_at BIGINT NOT NULL,
  UNIQUE (environment_id, receipt_key)
);

CREATE TABLE case_template (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL REFERENCES environment (id),
  version BIGINT NOT NULL,
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  key TEXT NOT NULL CHECK (length(key) BETWEEN 2 AND 8),
  fields JSONB NOT NULL,
  retired JSONB NOT NULL,
  archived_at BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (environment_id, key)
);
CREATE INDEX case_template_list ON case_template (environment_id, created_at, id);

CREATE TABLE case_status (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  template_id TEXT NOT NULL REFERENCES case_template (id),
  position BIGINT NOT NULL,
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  folded TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('initial', 'intermediate', 'end')),
  color TEXT,
  require_comment BOOLEAN NOT NULL,
  allowed_next JSONB,
  former_names JSONB NOT NULL
);
CREATE INDEX case_status_template ON case_status (template_id);
CREATE INDEX case_status_folded ON case_status (environment_id, folded);

CREATE TABLE case_record (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  template_id TEXT NOT NULL REFERENCES case_template (id),
  status_id TEXT NOT NULL REFERENCES case_status (id),
  name TEXT NOT NULL,
  resolution TEXT,
  fields JSONB NOT NULL,
  tags JSONB NOT NULL,
  attachments JSONB NOT NULL,
  queue_id TEXT,
  creator_id TEXT,
  creator_type TEXT,
  assignee_id TEXT,
  assigner_id TEXT,
  assigner_type TEXT,
  resolver_id TEXT,
  resolver_type TEXT,
  updater_id TEXT,
  updater_type TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT,
  assigned_at BIGINT,
  resolved_at BIGINT,
  redacted_at BIGINT,
  sla_expires_at BIGINT,
  UNIQUE (environment_id, name),
  CHECK ((resolution IS NULL) = (resolved_at IS NULL))
);
CREATE INDEX case_list ON case_record (environment_id, created_at, id);
CREATE INDEX case_status_list ON case_record (status_id, created_at, id);

CREATE TABLE case_object (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES case_record (id),
  object_id TEXT NOT NULL REFERENCES object (id),
  kind TEXT NOT NULL,
  pair TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);
CREATE INDEX case_object_case ON case_object (case_id);
CREATE INDEX case_object_object ON case_object (environment_id, object_id);

CREATE TABLE file_content (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  object_id TEXT NOT NULL,
  filename TEXT NOT NULL,
  content_type TEXT NOT NULL,
  byte_size BIGINT NOT NULL,
  content TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE workflow (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL REFERENCES environment (id),
  version BIGINT NOT NULL,
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  description TEXT,
  state TEXT NOT NULL CHECK (state IN ('draft', 'running', 'paused', 'archived')),
  draft_id TEXT NOT NULL,
  draft_number BIGINT NOT NULL,
  draft JSONB,
  draft_base_id TEXT,
  live_version_id TEXT,
  published_count BIGINT NOT NULL,
  updater_email TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK (state <> 'draft' OR live_version_id IS NULL)
);
CREATE INDEX workflow_list ON workflow (environment_id, created_at, id);

CREATE TABLE workflow_version (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  workflow_id TEXT NOT NULL REFERENCES workflow (id),
  number BIGINT NOT NULL,
  definition JSONB NOT NULL,
  description TEXT,
  publisher_email TEXT,
  permissions JSONB NOT NULL,
  created_at BIGINT NOT NULL,
  published_at BIGINT NOT NULL,
  UNIQUE (workflow_id, number)
);

CREATE TABLE subscription (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  workflow_id TEXT NOT NULL REFERENCES workflow (id),
  version_id TEXT NOT NULL REFERENCES workflow_version (id),
  event_name TEXT NOT NULL,
  is_paused BOOLEAN NOT NULL
);
CREATE INDEX subscription_environment ON subscription (environment_id);
CREATE INDEX subscription_workflow ON subscription (workflow_id);

CREATE TABLE event (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  name TEXT NOT NULL,
  object_type TEXT NOT NULL,
  object_id TEXT NOT NULL,
  object_version BIGINT NOT NULL,
  actor_type TEXT NOT NULL,
  actor_id TEXT,
  actor_shown TEXT,
  cause_event_id TEXT,
  cause_run_id TEXT,
  cause_step TEXT,
  request_id TEXT,
  depth BIGINT NOT NULL,
  from_value TEXT,
  to_value TEXT,
  context JSONB NOT NULL,
  payload JSONB NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX event_list ON event (environment_id, created_at, id);
CREATE INDEX event_object ON event (environment_id, object_id, created_at, id);

CREATE TABLE workflow_run (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  workflow_id TEXT NOT NULL REFERENCES workflow (id),
  version_id TEXT NOT NULL REFERENCES workflow_version (id),
  start_key TEXT,
  state TEXT NOT NULL CHECK (state IN ('running', 'completed', 'completed_with_errors', 'errored')),
  trigger JSONB NOT NULL,
  progress JSONB NOT NULL,
  creator_type TEXT,
  creator_id TEXT,
  creator_shown TEXT,
  cause_event_id TEXT,
  request_id TEXT,
  depth BIGINT NOT NULL,
  chain JSONB NOT NULL,
  due_at BIGINT,
  created_at BIGINT NOT NULL,
  completed_at BIGINT,
  CHECK ((state = 'running') = (completed_at IS NULL)),
  CHECK (due_at IS NULL OR state = 'running')
);
CREATE UNIQUE INDEX workflow_run_start ON workflow_run (environment_id, start_key) WHERE start_key IS NOT NULL;
CREATE INDEX workflow_run_due ON workflow_run (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX workflow_run_list ON workflow_run (environment_id, created_at, id);

CREATE TABLE run_segment (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  run_id TEXT NOT NULL REFERENCES workflow_run (id),
  ordinal BIGINT NOT NULL,
  steps JSONB NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX run_segment_run ON run_segment (run_id, ordinal);

-- What was published stays as it was published.
CREATE FUNCTION workflow_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published version does not change' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER workflow_version_frozen BEFORE UPDATE OR DELETE ON workflow_version FOR EACH ROW
EXECUTE FUNCTION workflow_version_stays();

-- What has ended stays as it ended, unless an errored run is resumed.
CREATE FUNCTION workflow_run_stays_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a run that has ended does not change' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER workflow_run_ended BEFORE UPDATE ON workflow_run FOR EACH ROW
WHEN (OLD.state <> 'running' AND NOT (OLD.state = 'errored' AND NEW.state = 'running'))
EXECUTE FUNCTION workflow_run_stays_ended();

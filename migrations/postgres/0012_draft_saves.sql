-- The last saves of each workflow's draft, so that any of them can be restored.
CREATE TABLE workflow_draft_save (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  workflow_id TEXT NOT NULL REFERENCES workflow (id),
  kind TEXT NOT NULL CHECK (kind IN ('saved', 'merged', 'before-merge')),
  definition JSONB NOT NULL,
  size_bytes BIGINT NOT NULL,
  saver_email TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX workflow_draft_save_list ON workflow_draft_save (workflow_id, created_at, id);

-- Who has a workflow open in the editor: a row for each person, which expires unless it is reported again.
CREATE TABLE workflow_editor (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  workflow_id TEXT NOT NULL REFERENCES workflow (id),
  user_id TEXT NOT NULL,
  email TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);
CREATE INDEX workflow_editor_workflow ON workflow_editor (workflow_id);

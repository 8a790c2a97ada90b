-- Which statuses live workflows name. Of those published before there are no rows until they are published, paused or
-- resumed.
CREATE TABLE named_status (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  workflow_id TEXT NOT NULL REFERENCES workflow (id),
  folded TEXT NOT NULL
);
CREATE INDEX named_status_folded ON named_status (environment_id, folded);
CREATE INDEX named_status_workflow ON named_status (workflow_id);

-- Workflows are found by their name.
CREATE INDEX workflow_name ON workflow (environment_id, name);

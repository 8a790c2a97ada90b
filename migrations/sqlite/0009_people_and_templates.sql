-- What people may do: builders and viewers too. The column is made anew beside the old one and takes its place, since
-- SQLite changes no check and other tables refer to this one.
ALTER TABLE user_account ADD COLUMN role_of TEXT NOT NULL DEFAULT 'viewer'
  CHECK (role_of IN ('admin', 'developer', 'builder', 'analyst', 'viewer'));
UPDATE user_account SET role_of = role;
ALTER TABLE user_account DROP COLUMN role;
ALTER TABLE user_account RENAME COLUMN role_of TO role;

-- Whom an open case is assigned to: what becomes of the open cases of somebody who is deactivated is asked by it.
ALTER TABLE case_record ADD COLUMN open_assignee_id TEXT;
UPDATE case_record SET open_assignee_id = assignee_id WHERE resolved_at IS NULL AND assignee_id IS NOT NULL;
CREATE INDEX case_open_assignee ON case_record (environment_id, open_assignee_id)
  WHERE open_assignee_id IS NOT NULL;

-- Whether a status that needs a comment needs one of API keys and of workflows too.
ALTER TABLE case_status ADD COLUMN comment_binds_keys BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE case_status ADD COLUMN comment_binds_workflows BOOLEAN NOT NULL DEFAULT false;

-- Which fields of cases live workflows name. Of those published before there are no rows until they are published,
-- paused or resumed.
CREATE TABLE named_field (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  workflow_id TEXT NOT NULL REFERENCES workflow (id),
  named TEXT NOT NULL
);
CREATE INDEX named_field_named ON named_field (environment_id, named);
CREATE INDEX named_field_workflow ON named_field (workflow_id);

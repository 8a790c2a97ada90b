-- What people in a browser need: sessions, the first run, comments, and the indexes of what their screens ask.

CREATE TABLE installation (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
INSERT INTO installation (id, version, created_at)
  SELECT 'installation', 1, min(created_at) FROM organization HAVING count(*) > 0;

CREATE TABLE user_session (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL REFERENCES environment (id),
  organization_id TEXT NOT NULL REFERENCES organization (id),
  user_id TEXT NOT NULL REFERENCES user_account (id),
  version BIGINT NOT NULL,
  digest TEXT NOT NULL UNIQUE,
  seen_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX user_session_age ON user_session (created_at);

CREATE TABLE sign_in_tries (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  count BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX sign_in_tries_age ON sign_in_tries (created_at);

CREATE INDEX user_account_email ON user_account (email);
CREATE INDEX user_account_list ON user_account (organization_id, created_at, id);

ALTER TABLE api_key ADD COLUMN note TEXT;
CREATE INDEX api_key_list ON api_key (environment_id, created_at, id);

CREATE TABLE case_comment (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES case_record (id),
  body TEXT NOT NULL,
  creator_id TEXT,
  creator_type TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX case_comment_case ON case_comment (case_id, created_at, id);

CREATE INDEX case_assignee_list ON case_record (environment_id, assignee_id, created_at, id)
  WHERE assignee_id IS NOT NULL;
CREATE INDEX event_name_list ON event (environment_id, name, created_at, id);
CREATE INDEX workflow_run_of_workflow ON workflow_run (environment_id, workflow_id, created_at, id);

-- Events in the order in which they were committed, for live views. A transaction's events are to be read when no older
-- one is under way any more; its number says which are older.
-- Here one writer commits one after the other, so the order is that of the rows themselves; the column is there for the
-- likeness, and its index holds nothing.
ALTER TABLE event ADD COLUMN feed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX event_feed ON event (feed) WHERE feed > 0;

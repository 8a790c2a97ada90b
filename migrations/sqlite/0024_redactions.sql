-- What redaction needs: who asked for it and when, where copies of an object's content are, and guards that let rows
-- which never change be blanked once and in no other way.

CREATE TABLE redaction (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  object_type TEXT NOT NULL,
  object_id TEXT NOT NULL,
  cause_id TEXT,
  event_id TEXT,
  actor_type TEXT NOT NULL,
  actor_id TEXT,
  actor_shown TEXT,
  request_id TEXT,
  redacted_at BIGINT NOT NULL,
  work TEXT NOT NULL,
  counts TEXT NOT NULL,
  failures BIGINT NOT NULL,
  due_at BIGINT,
  done_at BIGINT,
  created_at BIGINT NOT NULL,
  CHECK ((due_at IS NULL) = (done_at IS NOT NULL))
);
CREATE INDEX redaction_due ON redaction (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX redaction_list ON redaction (environment_id, created_at, id);

-- An object, and what it is redacted with: its inquiry or its account.
ALTER TABLE object ADD COLUMN redacted_at BIGINT;
ALTER TABLE object ADD COLUMN redacted_with TEXT;
UPDATE object SET redacted_with = coalesce(
  environment_id || '/' || (relationships -> 'inquiry' ->> 'id'), account_id)
  WHERE kind = 'inquiry' OR kind LIKE 'verification%' OR kind LIKE 'report%' OR kind LIKE 'document%'
    OR kind LIKE 'selfie%' OR kind = 'inquiry-session';
CREATE INDEX object_redacted_with ON object (redacted_with) WHERE redacted_with IS NOT NULL;

-- The object whose content an event keeps, until it is blanked.
ALTER TABLE event ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE event ADD COLUMN content_of TEXT;
ALTER TABLE event ADD COLUMN salt TEXT;
ALTER TABLE event ADD COLUMN digest TEXT;
ALTER TABLE event ADD COLUMN redaction_id TEXT;
UPDATE event SET content_of = CASE object_type
    WHEN 'case-comment' THEN payload -> 'case' ->> 'id'
    ELSE object_id END
  WHERE object_type NOT IN ('workflow', 'workflow-run', 'case-template') AND object_id <> '';
CREATE INDEX event_content ON event (content_of) WHERE content_of IS NOT NULL;

ALTER TABLE case_comment ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE case_comment ADD COLUMN redaction_id TEXT;

-- The object whose content a run's trigger keeps, until it is blanked.
DROP TRIGGER workflow_run_ended;
ALTER TABLE workflow_run ADD COLUMN subject_id TEXT;
ALTER TABLE workflow_run ADD COLUMN redaction_id TEXT;
UPDATE workflow_run SET subject_id = CASE "trigger" ->> 'type'
    WHEN 'case-comment' THEN "trigger" -> 'case' ->> 'id'
    ELSE "trigger" ->> 'id' END
  WHERE "trigger" ->> 'type' NOT IN ('workflow', 'workflow-run', 'case-template');
CREATE INDEX workflow_run_subject ON workflow_run (subject_id) WHERE subject_id IS NOT NULL;
ALTER TABLE run_segment ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE run_segment ADD COLUMN redaction_id TEXT;

-- The objects a run read besides the one that started it.
CREATE TABLE run_read (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  run_id TEXT NOT NULL REFERENCES workflow_run (id),
  object_id TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX run_read_object ON run_read (object_id);

-- The objects whose content a remembered answer holds.
ALTER TABLE answer ADD COLUMN subject_id TEXT;
ALTER TABLE answer ADD COLUMN subjects TEXT NOT NULL DEFAULT '[]';
CREATE INDEX answer_subject ON answer (subject_id) WHERE subject_id IS NOT NULL;
CREATE TABLE answer_object (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  answer_id TEXT NOT NULL,
  object_id TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX answer_object_object ON answer_object (object_id);
CREATE INDEX answer_object_age ON answer_object (created_at);

-- What has ended stays as it ended: a run goes on only when an errored one is resumed, and changes otherwise only when
-- its values are blanked.
CREATE TRIGGER workflow_run_ended BEFORE UPDATE ON workflow_run
WHEN OLD.state <> 'running' AND NOT (OLD.state = 'errored' AND NEW.state = 'running') AND NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.subject_id IS NULL
  AND (OLD.id, OLD.environment_id, OLD.workflow_id, OLD.version_id, OLD.start_key, OLD.state, OLD.creator_type,
    OLD.creator_id, OLD.creator_shown, OLD.cause_event_id, OLD.request_id, OLD.depth, OLD.chain, OLD.due_at,
    OLD.created_at, OLD.completed_at)
  IS (NEW.id, NEW.environment_id, NEW.workflow_id, NEW.version_id, NEW.start_key, NEW.state, NEW.creator_type,
    NEW.creator_id, NEW.creator_shown, NEW.cause_event_id, NEW.request_id, NEW.depth, NEW.chain, NEW.due_at,
    NEW.created_at, NEW.completed_at))
BEGIN
  SELECT RAISE(ABORT, 'a run that has ended does not change');
END;

CREATE TRIGGER event_stays BEFORE UPDATE ON event
WHEN NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.salt IS NULL AND NEW.digest IS NOT NULL
  AND NEW.content_of IS NULL AND (OLD.digest IS NULL OR OLD.digest = NEW.digest)
  AND (OLD.id, OLD.environment_id, OLD.name, OLD.object_type, OLD.object_id, OLD.object_version, OLD.actor_type,
    OLD.actor_id, OLD.actor_shown, OLD.cause_event_id, OLD.cause_run_id, OLD.cause_step, OLD.request_id, OLD.depth,
    OLD.from_value, OLD.to_value, OLD.created_at, OLD.origin)
  IS (NEW.id, NEW.environment_id, NEW.name, NEW.object_type, NEW.object_id, NEW.object_version, NEW.actor_type,
    NEW.actor_id, NEW.actor_shown, NEW.cause_event_id, NEW.cause_run_id, NEW.cause_step, NEW.request_id, NEW.depth,
    NEW.from_value, NEW.to_value, NEW.created_at, NEW.origin))
BEGIN
  SELECT RAISE(ABORT, 'an event does not change');
END;
CREATE TRIGGER event_is_kept BEFORE DELETE ON event
BEGIN
  SELECT RAISE(ABORT, 'an event is kept');
END;

CREATE TRIGGER run_segment_stays BEFORE UPDATE ON run_segment
WHEN NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL
  AND (OLD.id, OLD.environment_id, OLD.run_id, OLD.ordinal, OLD.created_at)
  IS (NEW.id, NEW.environment_id, NEW.run_id, NEW.ordinal, NEW.created_at))
BEGIN
  SELECT RAISE(ABORT, 'the history of a run does not change');
END;
CREATE TRIGGER run_segment_is_kept BEFORE DELETE ON run_segment
BEGIN
  SELECT RAISE(ABORT, 'the history of a run is kept');
END;

CREATE TRIGGER case_comment_stays BEFORE UPDATE ON case_comment
WHEN NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.body = ''
  AND (OLD.id, OLD.environment_id, OLD.case_id, OLD.creator_id, OLD.creator_type, OLD.created_at)
  IS (NEW.id, NEW.environment_id, NEW.case_id, NEW.creator_id, NEW.creator_type, NEW.created_at))
BEGIN
  SELECT RAISE(ABORT, 'a comment does not change');
END;
CREATE TRIGGER case_comment_is_kept BEFORE DELETE ON case_comment
BEGIN
  SELECT RAISE(ABORT, 'a comment is kept');
END;

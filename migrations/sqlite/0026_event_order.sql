-- Every row that events happen to counts them, and an event carries its number: the order of an object's events rests on
-- that, and not on ids or times. What an object belongs to (a comment's case) counts its events too.
-- The guards of rows that never change stand aside while the rows are numbered.
DROP TRIGGER workflow_run_ended;
DROP TRIGGER event_stays;
DROP TRIGGER case_comment_stays;

ALTER TABLE case_template ADD COLUMN event_ordinal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE case_record ADD COLUMN event_ordinal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE case_comment ADD COLUMN event_ordinal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE object ADD COLUMN event_ordinal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workflow ADD COLUMN event_ordinal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workflow_run ADD COLUMN event_ordinal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE user_account ADD COLUMN event_ordinal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN object_ordinal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN parent_id TEXT;
ALTER TABLE event ADD COLUMN parent_ordinal BIGINT;
ALTER TABLE event ADD COLUMN second_parent_id TEXT;
ALTER TABLE event ADD COLUMN second_parent_ordinal BIGINT;

-- Events from before are numbered by time.
UPDATE event SET object_ordinal = numbered.ordinal FROM (
  SELECT id, row_number() OVER (PARTITION BY environment_id, object_id ORDER BY created_at, id) AS ordinal FROM event
) AS numbered WHERE numbered.id = event.id;
DROP INDEX event_object;
CREATE INDEX event_object_order ON event (environment_id, object_id, object_ordinal, id);
CREATE INDEX event_parent_order ON event (environment_id, parent_id, parent_ordinal) WHERE parent_id IS NOT NULL;

UPDATE case_template SET event_ordinal = coalesce((
  SELECT max(object_ordinal) FROM event WHERE event.environment_id = case_template.environment_id AND event.object_id = case_template.id
), 0);
UPDATE case_record SET event_ordinal = coalesce((
  SELECT max(object_ordinal) FROM event WHERE event.environment_id = case_record.environment_id AND event.object_id = case_record.id
), 0);
UPDATE case_comment SET event_ordinal = coalesce((
  SELECT max(object_ordinal) FROM event WHERE event.environment_id = case_comment.environment_id AND event.object_id = case_comment.id
), 0);
UPDATE workflow SET event_ordinal = coalesce((
  SELECT max(object_ordinal) FROM event WHERE event.environment_id = workflow.environment_id AND event.object_id = workflow.id
), 0);
UPDATE workflow_run SET event_ordinal = coalesce((
  SELECT max(object_ordinal) FROM event WHERE event.environment_id = workflow_run.environment_id AND event.object_id = workflow_run.id
), 0);
UPDATE object SET event_ordinal = coalesce((
  SELECT max(object_ordinal) FROM event
  WHERE event.environment_id = object.environment_id
    AND event.object_id = substr(object.id, length(object.environment_id) + 2)
), 0);
UPDATE user_account SET event_ordinal = coalesce((
  SELECT max(object_ordinal) FROM event JOIN environment ON environment.id = event.environment_id
  WHERE environment.organization_id = user_account.organization_id AND event.object_id = user_account.id
), 0);

CREATE TRIGGER workflow_run_ended BEFORE UPDATE ON workflow_run
WHEN OLD.state <> 'running' AND NOT (OLD.state = 'errored' AND NEW.state = 'running') AND NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.subject_id IS NULL
  AND (OLD.id, OLD.environment_id, OLD.workflow_id, OLD.version_id, OLD.start_key, OLD.state, OLD.creator_type,
    OLD.creator_id, OLD.creator_shown, OLD.cause_event_id, OLD.request_id, OLD.depth, OLD.chain, OLD.due_at,
    OLD.created_at, OLD.completed_at, OLD.event_ordinal)
  IS (NEW.id, NEW.environment_id, NEW.workflow_id, NEW.version_id, NEW.start_key, NEW.state, NEW.creator_type,
    NEW.creator_id, NEW.creator_shown, NEW.cause_event_id, NEW.request_id, NEW.depth, NEW.chain, NEW.due_at,
    NEW.created_at, NEW.completed_at, NEW.event_ordinal))
BEGIN
  SELECT RAISE(ABORT, 'a run that has ended does not change');
END;

CREATE TRIGGER event_stays BEFORE UPDATE ON event
WHEN NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.salt IS NULL AND NEW.digest IS NOT NULL
  AND NEW.content_of IS NULL AND (OLD.digest IS NULL OR OLD.digest = NEW.digest)
  AND (OLD.id, OLD.environment_id, OLD.name, OLD.object_type, OLD.object_id, OLD.object_version, OLD.actor_type,
    OLD.actor_id, OLD.actor_shown, OLD.cause_event_id, OLD.cause_run_id, OLD.cause_step, OLD.request_id, OLD.depth,
    OLD.from_value, OLD.to_value, OLD.created_at, OLD.origin, OLD.object_ordinal, OLD.parent_id, OLD.parent_ordinal,
    OLD.second_parent_id, OLD.second_parent_ordinal)
  IS (NEW.id, NEW.environment_id, NEW.name, NEW.object_type, NEW.object_id, NEW.object_version, NEW.actor_type,
    NEW.actor_id, NEW.actor_shown, NEW.cause_event_id, NEW.cause_run_id, NEW.cause_step, NEW.request_id, NEW.depth,
    NEW.from_value, NEW.to_value, NEW.created_at, NEW.origin, NEW.object_ordinal, NEW.parent_id, NEW.parent_ordinal,
    NEW.second_parent_id, NEW.second_parent_ordinal))
BEGIN
  SELECT RAISE(ABORT, 'an event does not change');
END;

CREATE TRIGGER case_comment_stays BEFORE UPDATE ON case_comment
WHEN NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.body = ''
  AND (OLD.id, OLD.environment_id, OLD.case_id, OLD.creator_id, OLD.creator_type, OLD.created_at, OLD.event_ordinal)
  IS (NEW.id, NEW.environment_id, NEW.case_id, NEW.creator_id, NEW.creator_type, NEW.created_at, NEW.event_ordinal))
BEGIN
  SELECT RAISE(ABORT, 'a comment does not change');
END;

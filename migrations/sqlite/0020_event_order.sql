-- Every row that events happen to counts them, and an event carries its number: the order of an object's events rests on
-- that, and not on ids or times. What an object belongs to (a comment's case) counts its events too.
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
CREATE INDEX event_object_order ON event (environment_id, object_id, object_ordinal, id);
CREATE INDEX event_parent_order ON event (environment_id, parent_id, parent_ordinal) WHERE parent_id IS NOT NULL;

DROP TRIGGER workflow_run_ended;
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
WHEN OLD.state <> 'running' AND NOT (OLD.state = 'errored' AND NEW.state = 'running')
BEGIN
  SELECT RAISE(ABORT, 'a run that has ended does not change');
END;

-- Every row that events happen to counts them, and an event carries its number: the order of an object's events rests on
-- that, and not on ids or times. What an object belongs to (a comment's case) counts its events too.
-- The guards of rows that never change stand aside while the rows are numbered.
DROP TRIGGER workflow_run_ended ON workflow_run;
DROP TRIGGER event_stays ON event;
DROP TRIGGER case_comment_stays ON case_comment;

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

CREATE TRIGGER workflow_run_ended BEFORE UPDATE ON workflow_run FOR EACH ROW
WHEN (OLD.state <> 'running' AND NOT (OLD.state = 'errored' AND NEW.state = 'running') AND NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.subject_id IS NULL
  AND differs_only_in(to_jsonb(OLD), to_jsonb(NEW), '{version,trigger,progress,subject_id,redaction_id}')))
EXECUTE FUNCTION workflow_run_stays_ended();

CREATE TRIGGER event_stays BEFORE UPDATE ON event FOR EACH ROW
WHEN (NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.salt IS NULL AND NEW.digest IS NOT NULL
  AND NEW.content_of IS NULL AND (OLD.digest IS NULL OR OLD.digest = NEW.digest)
  AND differs_only_in(to_jsonb(OLD), to_jsonb(NEW), '{version,content_of,salt,digest,redaction_id,context,payload}')))
EXECUTE FUNCTION row_stays('an event does not change');

CREATE TRIGGER case_comment_stays BEFORE UPDATE ON case_comment FOR EACH ROW
WHEN (NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.body = ''
  AND differs_only_in(to_jsonb(OLD), to_jsonb(NEW), '{version,body,redaction_id}')))
EXECUTE FUNCTION row_stays('a comment does not change');

-- How long an environment keeps the content of events and runs, receipts and remembered answers, and what was blanked
-- because its period was over.
CREATE TABLE retention (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  event_ordinal BIGINT NOT NULL DEFAULT 0,
  revision BIGINT NOT NULL,
  periods TEXT NOT NULL,
  progress TEXT NOT NULL,
  failures BIGINT NOT NULL,
  due_at BIGINT,
  changed_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX retention_due ON retention (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX retention_due_party ON retention (environment_id, due_at, id) WHERE due_at IS NOT NULL;

-- The guards of rows that never change let a period's end through, which leaves whose content it was: a redaction finds it
-- by that, and may come later.
DROP TRIGGER workflow_run_ended;
DROP TRIGGER event_stays;
DROP TRIGGER run_segment_stays;
ALTER TABLE event ADD COLUMN retained_at BIGINT;
ALTER TABLE workflow_run ADD COLUMN retained_at BIGINT;
ALTER TABLE run_segment ADD COLUMN retained_at BIGINT;

-- What is older than its period is found in the order of its age; what a redaction blanked before is not counted. Events
-- have event_list for it.
CREATE INDEX event_redacted ON event (environment_id, created_at, id) WHERE redaction_id IS NOT NULL;
CREATE INDEX workflow_run_age ON workflow_run (environment_id, completed_at, id) WHERE completed_at IS NOT NULL;
CREATE INDEX workflow_run_redacted ON workflow_run (environment_id, completed_at, id) WHERE redaction_id IS NOT NULL;
CREATE INDEX receipt_age ON receipt (environment_id, created_at, id);
CREATE INDEX answer_list ON answer (environment_id, created_at, id);

CREATE TRIGGER workflow_run_ended BEFORE UPDATE ON workflow_run
WHEN OLD.state <> 'running' AND NOT (OLD.state = 'errored' AND NEW.state = 'running') AND NOT (
  ((OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.subject_id IS NULL
      AND OLD.retained_at IS NEW.retained_at)
    OR (OLD.redaction_id IS NULL AND NEW.redaction_id IS NULL AND OLD.subject_id IS NEW.subject_id
      AND OLD.retained_at IS NULL AND NEW.retained_at IS NOT NULL))
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
  NEW.salt IS NULL AND NEW.digest IS NOT NULL AND (OLD.digest IS NULL OR OLD.digest = NEW.digest)
  AND ((OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.content_of IS NULL
      AND OLD.retained_at IS NEW.retained_at)
    OR (OLD.redaction_id IS NULL AND NEW.redaction_id IS NULL AND OLD.content_of IS NEW.content_of
      AND OLD.retained_at IS NULL AND NEW.retained_at IS NOT NULL))
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

CREATE TRIGGER run_segment_stays BEFORE UPDATE ON run_segment
WHEN NOT (
  ((OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND OLD.retained_at IS NEW.retained_at)
    OR (OLD.redaction_id IS NULL AND NEW.redaction_id IS NULL
      AND OLD.retained_at IS NULL AND NEW.retained_at IS NOT NULL))
  AND (OLD.id, OLD.environment_id, OLD.run_id, OLD.ordinal, OLD.created_at)
  IS (NEW.id, NEW.environment_id, NEW.run_id, NEW.ordinal, NEW.created_at))
BEGIN
  SELECT RAISE(ABORT, 'the history of a run does not change');
END;

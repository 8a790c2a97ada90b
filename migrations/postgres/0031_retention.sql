-- How long an environment keeps the content of events and runs, receipts and remembered answers, and what was blanked
-- because its period was over.
CREATE TABLE retention (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  event_ordinal BIGINT NOT NULL DEFAULT 0,
  revision BIGINT NOT NULL,
  periods JSONB NOT NULL,
  progress JSONB NOT NULL,
  failures BIGINT NOT NULL,
  due_at BIGINT,
  changed_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX retention_due ON retention (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX retention_due_party ON retention (environment_id, due_at, id) WHERE due_at IS NOT NULL;

-- The guards of rows that never change let a period's end through, which leaves whose content it was: a redaction finds it
-- by that, and may come later.
DROP TRIGGER workflow_run_ended ON workflow_run;
DROP TRIGGER event_stays ON event;
DROP TRIGGER run_segment_stays ON run_segment;
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

CREATE TRIGGER workflow_run_ended BEFORE UPDATE ON workflow_run FOR EACH ROW
WHEN (OLD.state <> 'running' AND NOT (OLD.state = 'errored' AND NEW.state = 'running') AND NOT (
  ((OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.subject_id IS NULL
      AND OLD.retained_at IS NOT DISTINCT FROM NEW.retained_at)
    OR (OLD.redaction_id IS NULL AND NEW.redaction_id IS NULL AND OLD.subject_id IS NOT DISTINCT FROM NEW.subject_id
      AND OLD.retained_at IS NULL AND NEW.retained_at IS NOT NULL))
  AND differs_only_in(to_jsonb(OLD), to_jsonb(NEW), '{version,trigger,progress,subject_id,redaction_id,retained_at}')))
EXECUTE FUNCTION workflow_run_stays_ended();

CREATE TRIGGER event_stays BEFORE UPDATE ON event FOR EACH ROW
WHEN (NOT (
  NEW.salt IS NULL AND NEW.digest IS NOT NULL AND (OLD.digest IS NULL OR OLD.digest = NEW.digest)
  AND ((OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.content_of IS NULL
      AND OLD.retained_at IS NOT DISTINCT FROM NEW.retained_at)
    OR (OLD.redaction_id IS NULL AND NEW.redaction_id IS NULL AND OLD.content_of IS NOT DISTINCT FROM NEW.content_of
      AND OLD.retained_at IS NULL AND NEW.retained_at IS NOT NULL))
  AND differs_only_in(to_jsonb(OLD), to_jsonb(NEW),
    '{version,content_of,salt,digest,redaction_id,retained_at,context,payload}')))
EXECUTE FUNCTION row_stays('an event does not change');

CREATE TRIGGER run_segment_stays BEFORE UPDATE ON run_segment FOR EACH ROW
WHEN (NOT (
  ((OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND OLD.retained_at IS NOT DISTINCT FROM NEW.retained_at)
    OR (OLD.redaction_id IS NULL AND NEW.redaction_id IS NULL
      AND OLD.retained_at IS NULL AND NEW.retained_at IS NOT NULL))
  AND differs_only_in(to_jsonb(OLD), to_jsonb(NEW), '{version,steps,redaction_id,retained_at}')))
EXECUTE FUNCTION row_stays('the history of a run does not change');

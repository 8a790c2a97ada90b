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
  work JSONB NOT NULL,
  counts JSONB NOT NULL,
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
DROP TRIGGER workflow_run_ended ON workflow_run;
ALTER TABLE workflow_run ADD COLUMN subject_id TEXT;
ALTER TABLE workflow_run ADD COLUMN redaction_id TEXT;
UPDATE workflow_run SET subject_id = CASE trigger ->> 'type'
    WHEN 'case-comment' THEN trigger -> 'case' ->> 'id'
    ELSE trigger ->> 'id' END
  WHERE trigger ->> 'type' NOT IN ('workflow', 'workflow-run', 'case-template');
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
ALTER TABLE answer ADD COLUMN subjects JSONB NOT NULL DEFAULT '[]';
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

-- Rows that never change, apart from the columns that their redaction blanks. Columns added later are guarded too.
CREATE FUNCTION differs_only_in(old JSONB, new JSONB, blanked TEXT[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT old - blanked = new - blanked
$$;

-- What has ended stays as it ended: a run goes on only when an errored one is resumed, and changes otherwise only when
-- its values are blanked.
CREATE TRIGGER workflow_run_ended BEFORE UPDATE ON workflow_run FOR EACH ROW
WHEN (OLD.state <> 'running' AND NOT (OLD.state = 'errored' AND NEW.state = 'running') AND NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.subject_id IS NULL
  AND differs_only_in(to_jsonb(OLD), to_jsonb(NEW), '{version,trigger,progress,subject_id,redaction_id}')))
EXECUTE FUNCTION workflow_run_stays_ended();

CREATE FUNCTION row_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER event_stays BEFORE UPDATE ON event FOR EACH ROW
WHEN (NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.salt IS NULL AND NEW.digest IS NOT NULL
  AND NEW.content_of IS NULL AND (OLD.digest IS NULL OR OLD.digest = NEW.digest)
  AND differs_only_in(to_jsonb(OLD), to_jsonb(NEW), '{version,content_of,salt,digest,redaction_id,context,payload}')))
EXECUTE FUNCTION row_stays('an event does not change');
CREATE TRIGGER event_is_kept BEFORE DELETE ON event FOR EACH ROW EXECUTE FUNCTION row_stays('an event is kept');

CREATE TRIGGER run_segment_stays BEFORE UPDATE ON run_segment FOR EACH ROW
WHEN (NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL
  AND differs_only_in(to_jsonb(OLD), to_jsonb(NEW), '{version,steps,redaction_id}')))
EXECUTE FUNCTION row_stays('the history of a run does not change');
CREATE TRIGGER run_segment_is_kept BEFORE DELETE ON run_segment FOR EACH ROW
EXECUTE FUNCTION row_stays('the history of a run is kept');

CREATE TRIGGER case_comment_stays BEFORE UPDATE ON case_comment FOR EACH ROW
WHEN (NOT (
  OLD.redaction_id IS NULL AND NEW.redaction_id IS NOT NULL AND NEW.body = ''
  AND differs_only_in(to_jsonb(OLD), to_jsonb(NEW), '{version,body,redaction_id}')))
EXECUTE FUNCTION row_stays('a comment does not change');
CREATE TRIGGER case_comment_is_kept BEFORE DELETE ON case_comment FOR EACH ROW
EXECUTE FUNCTION row_stays('a comment is kept');

-- What redaction needs to reach copies from before there was redaction, and to pass over what is newer than it.

-- Copies are looked for until the instant of the redaction.
DROP INDEX event_content;
CREATE INDEX event_content ON event (content_of, created_at) WHERE content_of IS NOT NULL;
DROP INDEX workflow_run_subject;
CREATE INDEX workflow_run_subject ON workflow_run (subject_id, created_at) WHERE subject_id IS NOT NULL;
DROP INDEX run_read_object;
CREATE INDEX run_read_object ON run_read (object_id, created_at);
DROP INDEX answer_subject;
CREATE INDEX answer_subject ON answer (subject_id, created_at) WHERE subject_id IS NOT NULL;
DROP INDEX answer_object_object;
CREATE INDEX answer_object_object ON answer_object (object_id, created_at);

-- A remembered refusal is about its environment: it may repeat content of any object in it.
UPDATE answer SET subject_id = environment_id WHERE status >= 400;

-- Kinds that only begin like those that are redacted with their account or inquiry.
UPDATE object SET redacted_with = NULL
  WHERE redacted_with IS NOT NULL AND split_part(kind, '/', 1)
    NOT IN ('inquiry', 'verification', 'report', 'document', 'selfie', 'inquiry-session');

-- What runs from before read was not noted. A run that names an object may have followed its relationships, so it is
-- taken to have read every object that it names and those that these lead to in a few steps.
INSERT INTO run_read (id, environment_id, run_id, object_id, created_at)
WITH RECURSIVE link (beginning, leads) AS (
  SELECT object.id, object.environment_id || '/' || (node #>> '{}')
  FROM object, jsonb_path_query(object.relationships, 'strict $.** ? (@.type() == "string")') AS node
  UNION
  SELECT id, account_id FROM object WHERE account_id IS NOT NULL
  UNION
  SELECT environment_id || '/' || case_id, object_id FROM case_object
),
said (run_id, word) AS (
  SELECT run.id, node #>> '{}'
  FROM workflow_run AS run, jsonb_path_query(run.trigger, 'strict $.** ? (@.type() == "string")') AS node
  UNION
  SELECT run.id, node #>> '{}'
  FROM workflow_run AS run, jsonb_path_query(run.progress, 'strict $.** ? (@.type() == "string")') AS node
  UNION
  SELECT segment.run_id, node #>> '{}'
  FROM run_segment AS segment, jsonb_path_query(segment.steps, 'strict $.** ? (@.type() == "string")') AS node
),
reached (run_id, place, hops) AS (
  SELECT run.id, run.environment_id || '/' || said.word, 0
  FROM said JOIN workflow_run AS run ON run.id = said.run_id
  WHERE run.redaction_id IS NULL AND (
    EXISTS (SELECT 1 FROM object WHERE object.id = run.environment_id || '/' || said.word)
    OR EXISTS (SELECT 1 FROM case_record AS held WHERE held.id = said.word AND held.environment_id = run.environment_id))
  UNION
  SELECT reached.run_id, link.leads, reached.hops + 1
  FROM reached JOIN link ON link.beginning = reached.place
  WHERE reached.hops < 4 AND EXISTS (SELECT 1 FROM object WHERE object.id = link.leads)
)
SELECT DISTINCT run.id || ':' || substr(reached.place, length(run.environment_id) + 2) || ':before', run.environment_id,
  run.id, substr(reached.place, length(run.environment_id) + 2), run.created_at
FROM reached JOIN workflow_run AS run ON run.id = reached.run_id
WHERE substr(reached.place, length(run.environment_id) + 2) <> coalesce(run.subject_id, '');

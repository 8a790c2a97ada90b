-- Names are compared by one rule: composed, with their case folded and their spaces collapsed. The columns that hold a name
-- in that form are filled after this, since SQL can't compute it: the folds of statuses and of those that workflows name
-- anew, and that of a workflow's name, by which it is found.
ALTER TABLE workflow ADD COLUMN folded TEXT NOT NULL DEFAULT '';
DROP INDEX workflow_name;
CREATE INDEX workflow_folded ON workflow (environment_id, folded);

-- Names of a status that another one took since: they find it no more, and say of old events what they meant.
ALTER TABLE case_status ADD COLUMN past_names JSONB NOT NULL DEFAULT '[]';

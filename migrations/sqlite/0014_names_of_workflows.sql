-- Which workflows have the names of the statuses and fields that their live version uses written down anew: when a node
-- starts, since SQL can't read definitions. Those that were published before there were such names had none; and those of
-- fields are kept in another form now, that in which keys are compared.
ALTER TABLE workflow ADD COLUMN naming TEXT;
UPDATE workflow SET naming = 'due' WHERE live_version_id IS NOT NULL AND state <> 'archived';
CREATE INDEX workflow_naming ON workflow (naming) WHERE naming IS NOT NULL;

-- Inquiries are found by their note. A note may be long: the index holds how it begins.
CREATE INDEX object_note ON object (environment_id, substr(attributes ->> 'note', 1, 64), created_at, id)
  WHERE (attributes ->> 'note') IS NOT NULL;

-- What an API key's remembered answers take, so that the oldest can go where that is too much: first the refusals, then
-- the others.
ALTER TABLE answer ADD COLUMN eviction_group TEXT NOT NULL DEFAULT '';
ALTER TABLE answer ADD COLUMN size_bytes BIGINT NOT NULL DEFAULT 0;
CREATE INDEX answer_eviction ON answer (eviction_group, created_at, id, environment_id, size_bytes);

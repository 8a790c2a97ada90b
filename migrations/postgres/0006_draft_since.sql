-- A draft is stale only for who looked at it before it last changed, whatever else happened to its workflow since.
ALTER TABLE workflow ADD COLUMN draft_since BIGINT NOT NULL DEFAULT 1;
UPDATE workflow SET draft_since = version;

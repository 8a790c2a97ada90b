-- Events in the order of their commits, numbered in their environment: what feeds and live views follow. The numbers are
-- columns, so they outlast VACUUM, dump and restore. On SQLite the writer numbers events as it writes them; on PostgreSQL
-- one node at a time does so right after the commits, and what is not numbered yet is in a table of its own.
CREATE TABLE event_sequence (
  place INTEGER PRIMARY KEY,
  environment_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  event_id TEXT NOT NULL,
  UNIQUE (environment_id, number)
);
INSERT INTO event_sequence (place, environment_id, number, event_id)
  SELECT row_number() OVER (ORDER BY rowid), environment_id,
    row_number() OVER (PARTITION BY environment_id ORDER BY rowid), id
  FROM event;

CREATE TABLE event_unnumbered (
  place INTEGER PRIMARY KEY,
  environment_id TEXT NOT NULL,
  event_id TEXT NOT NULL
);

DROP INDEX event_feed;
ALTER TABLE event DROP COLUMN feed;

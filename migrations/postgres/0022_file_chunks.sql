-- The bytes of a file are kept in chunks instead of hexadecimal text in its row, so that they can be written and read
-- in bounded pieces. A file that is being uploaded is staged until it is attached; one that is not attached by
-- staged_until is removed.
ALTER TABLE file_content ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE file_content ADD COLUMN chunks BIGINT NOT NULL DEFAULT 0;
ALTER TABLE file_content ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE file_content ADD COLUMN staged_until BIGINT;
CREATE TABLE file_chunk (
  id TEXT PRIMARY KEY,
  environment_id TEXT NOT NULL,
  file_id TEXT NOT NULL REFERENCES file_content (id),
  ordinal BIGINT NOT NULL,
  content BYTEA NOT NULL CHECK (length(content) BETWEEN 1 AND 262144)
);
-- Documents and pictures are compressed already.
ALTER TABLE file_chunk ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX file_chunk_file ON file_chunk (file_id, ordinal);
CREATE INDEX file_content_staged ON file_content (staged_until) WHERE staged_until IS NOT NULL;

-- Two digits a byte: 524288 digits are a chunk.
INSERT INTO file_chunk (id, environment_id, file_id, ordinal, content)
  SELECT file_content.id || '/' || lpad(piece.ordinal::text, 5, '0'), file_content.environment_id, file_content.id,
      piece.ordinal, decode(substr(file_content.content, piece.ordinal * 524288 + 1, 524288), 'hex')
    FROM file_content
    CROSS JOIN LATERAL generate_series(0, (length(file_content.content) + 524287) / 524288 - 1) AS piece (ordinal);
UPDATE file_content SET
  chunks = (SELECT count(*) FROM file_chunk WHERE file_chunk.file_id = file_content.id),
  digest = encode(sha256(decode(content, 'hex')), 'hex');
ALTER TABLE file_content DROP COLUMN content;

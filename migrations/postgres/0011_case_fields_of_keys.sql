-- How cases show their fields to a key: plain, or each value beside its type.
ALTER TABLE api_key ADD COLUMN case_fields TEXT NOT NULL DEFAULT 'plain' CHECK (case_fields IN ('plain', 'typed'));

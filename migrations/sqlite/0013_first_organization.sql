-- The organization that was set up first: its id names this installation's session cookie.
ALTER TABLE installation ADD COLUMN organization_id TEXT;
UPDATE installation SET organization_id = (SELECT id FROM organization ORDER BY created_at, id LIMIT 1);

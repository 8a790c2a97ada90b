-- What people may do, whether they still may, and the link with which somebody chooses a password.
-- Whoever is there already was allowed everything, and still is.
ALTER TABLE user_account ADD COLUMN role TEXT NOT NULL DEFAULT 'admin' CHECK (role IN ('admin', 'developer', 'analyst'));
ALTER TABLE user_account ADD COLUMN deactivated_at BIGINT;
ALTER TABLE user_account ADD COLUMN signed_out_at BIGINT;
ALTER TABLE user_account ADD COLUMN invitation_digest TEXT;
ALTER TABLE user_account ADD COLUMN invitation_ends_at BIGINT;
-- What somebody new has done, and whether they put the list of it away.
ALTER TABLE user_account ADD COLUMN first_steps JSONB NOT NULL DEFAULT '[]';
CREATE UNIQUE INDEX user_account_invitation ON user_account (invitation_digest) WHERE invitation_digest IS NOT NULL;

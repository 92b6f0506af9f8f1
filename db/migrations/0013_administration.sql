-- An account waits for its rights, works, is suspended or closed for good.
ALTER TABLE accounts ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
ALTER TABLE accounts ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0; -- 1: the password was given out by somebody else
ALTER TABLE tokens ADD COLUMN made INTEGER NOT NULL DEFAULT 0;          -- unix ms; 0 = before this was kept
-- What was done about accounts is read apart from what the hall did.
CREATE INDEX events_access ON events (seq) WHERE kind = 'access_recorded';

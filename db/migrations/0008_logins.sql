-- Failed logins in a row, of an account ("user:li") or from an address ("source:10.1.1.7").
CREATE TABLE login_tries (
  subject  TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  last     INTEGER NOT NULL, -- unix ms
  until    INTEGER NOT NULL  -- locked; unix ms, 0 = not
) STRICT, WITHOUT ROWID;

-- A user's passwords, newest last, so that the last ones do not come back.
CREATE TABLE passwords (
  user     TEXT NOT NULL REFERENCES accounts (user) ON DELETE CASCADE,
  n        INTEGER NOT NULL,
  password TEXT NOT NULL, -- argon2id
  PRIMARY KEY (user, n)
) STRICT, WITHOUT ROWID;

-- A session ends when its user does nothing for long enough.
ALTER TABLE tokens ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;   -- unix ms of the last act, to a minute
ALTER TABLE tokens ADD COLUMN idle INTEGER NOT NULL DEFAULT 0;   -- ms it may do nothing; 0 = for ever
ALTER TABLE tokens ADD COLUMN source TEXT NOT NULL DEFAULT '';   -- where it was made
CREATE INDEX tokens_user ON tokens (user);

-- Who is logged in to the city's pages, and whose logins failed: neither ends with the city's process, nor with a rebuild.
CREATE TABLE sessions (
  digest   BYTEA PRIMARY KEY,                  -- of the token
  login    TEXT NOT NULL,
  password BYTEA NOT NULL,                     -- digest of the hash that it was opened with: a new password ends the session
  made     BIGINT NOT NULL,
  seen     BIGINT NOT NULL                     -- last act, to a minute
);

CREATE TABLE login_tries (
  subject  TEXT PRIMARY KEY,                   -- a user, or an address
  failures INTEGER NOT NULL,
  last     BIGINT NOT NULL,
  until    BIGINT NOT NULL                     -- locked; 0 = not
);

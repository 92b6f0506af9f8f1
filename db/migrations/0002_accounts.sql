-- Who may do what. Not part of the journal: it holds secrets (hashed).
CREATE TABLE accounts (
  user     TEXT PRIMARY KEY,
  name     TEXT NOT NULL,
  role     TEXT NOT NULL,
  window   TEXT NOT NULL DEFAULT '', -- a clerk's own window; empty = any
  password TEXT NOT NULL DEFAULT ''  -- argon2id; empty = cannot log in (devices)
) STRICT;

CREATE TABLE tokens (
  digest  BLOB PRIMARY KEY, -- SHA-256 of the token
  user    TEXT NOT NULL REFERENCES accounts (user) ON DELETE CASCADE,
  expires INTEGER NOT NULL  -- unix ms; 0 = never
) STRICT, WITHOUT ROWID;

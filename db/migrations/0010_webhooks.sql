-- Addresses that are told what happens to cases and ratings. The journal is their queue. Not part of the journal: it
-- holds secrets, and what another system has taken is no act of the hall.
CREATE TABLE webhooks (
  id        TEXT PRIMARY KEY,
  url       TEXT NOT NULL,
  secret    TEXT NOT NULL,
  topics    TEXT NOT NULL,    -- JSON array
  algorithm TEXT NOT NULL,
  place     INTEGER NOT NULL  -- number of the last event that is settled
) STRICT;

CREATE TABLE webhook_letters (
  hook     TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  seq      INTEGER NOT NULL, -- of the event
  at       INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  reason   TEXT NOT NULL,
  PRIMARY KEY (hook, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_webhooks ON events (seq)
  WHERE kind IN ('case_started', 'case_stepped', 'case_synced', 'rating_given', 'task_stepped');

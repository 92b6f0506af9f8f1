-- The journal: append-only, each event chained to the one before it (see journal.go).
CREATE TABLE events (
  seq     INTEGER PRIMARY KEY,
  hall    TEXT NOT NULL,
  day     TEXT NOT NULL,
  at      INTEGER NOT NULL, -- unix ms
  actor   TEXT NOT NULL,
  kind    TEXT NOT NULL,
  version INTEGER NOT NULL,
  payload TEXT,             -- JSON; NULL once retention has redacted it
  digest  BLOB NOT NULL,    -- SHA-256 of the payload, so that the chain survives redaction
  hash    BLOB NOT NULL     -- SHA-256 over the hash before and this event
) STRICT;
CREATE INDEX events_turns ON events (kind, seq) WHERE kind IN ('day_opened', 'layout_adopted');

CREATE TRIGGER events_keep_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER events_keep_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- What each client key was answered first.
CREATE TABLE answers (
  actor  TEXT NOT NULL,
  key    TEXT NOT NULL,
  digest TEXT NOT NULL, -- of the request
  at     INTEGER NOT NULL,
  answer BLOB NOT NULL,
  PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;

-- Projections: what the journal says, ready to be asked. `yitang verify` rebuilds and compares them.
CREATE TABLE tickets (
  id          TEXT PRIMARY KEY,
  seq         INTEGER NOT NULL, -- of the issuing event
  day         TEXT NOT NULL,
  number      TEXT NOT NULL,
  field       TEXT NOT NULL,
  matters     TEXT NOT NULL, -- JSON array
  remaining   TEXT NOT NULL, -- JSON array
  priority    TEXT NOT NULL,
  language    TEXT NOT NULL,
  channel     TEXT NOT NULL,
  person_kind TEXT NOT NULL,
  person      TEXT NOT NULL, -- pseudonym
  track       TEXT NOT NULL UNIQUE,
  state       TEXT NOT NULL,
  place       INTEGER NOT NULL,
  window      TEXT NOT NULL DEFAULT '',
  for_window  TEXT NOT NULL DEFAULT '',
  leg         INTEGER NOT NULL DEFAULT 0,
  calls       INTEGER NOT NULL DEFAULT 0,
  issued_at   INTEGER NOT NULL,
  called_at   INTEGER NOT NULL DEFAULT 0, -- first call of the leg; 0 = not yet
  started_at  INTEGER NOT NULL DEFAULT 0,
  ended_at    INTEGER NOT NULL DEFAULT 0,
  reactivated INTEGER NOT NULL DEFAULT 0,
  print       TEXT NOT NULL DEFAULT '',
  note        TEXT NOT NULL DEFAULT '',
  UNIQUE (day, number)
) STRICT;

CREATE TABLE services (
  ticket     TEXT NOT NULL,
  leg        INTEGER NOT NULL,
  day        TEXT NOT NULL,
  window     TEXT NOT NULL,
  clerk      TEXT NOT NULL,
  called_at  INTEGER NOT NULL,
  calls      INTEGER NOT NULL DEFAULT 1,
  started_at INTEGER NOT NULL DEFAULT 0,
  implied    INTEGER NOT NULL DEFAULT 0, -- 1: the clerk went on without pressing start
  ended_at   INTEGER NOT NULL DEFAULT 0,
  end        TEXT NOT NULL DEFAULT '',   -- finished, transferred, held or no_show
  outcomes   TEXT NOT NULL DEFAULT '[]', -- JSON
  why        TEXT NOT NULL,              -- JSON: why this window called this ticket
  PRIMARY KEY (ticket, leg)
) STRICT, WITHOUT ROWID;

CREATE TABLE window_spells (
  window TEXT NOT NULL,
  since  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  until  INTEGER NOT NULL DEFAULT 0, -- 0 = still so
  state  TEXT NOT NULL,              -- open or paused
  clerk  TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (window, seq)
) STRICT, WITHOUT ROWID;

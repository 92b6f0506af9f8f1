-- Cases (办件) and what ties tickets to them; ratings (好差评). All are projections of the journal.
ALTER TABLE tickets ADD COLUMN actor TEXT NOT NULL DEFAULT 'self';     -- self, agent or staff
ALTER TABLE tickets ADD COLUMN cases TEXT NOT NULL DEFAULT '[]';       -- JSON: those that the person named
ALTER TABLE tickets ADD COLUMN from_ticket TEXT NOT NULL DEFAULT '';   -- split off this one
CREATE INDEX tickets_person ON tickets (person, issued_at) WHERE person <> '';

CREATE TABLE cases (
  id            TEXT PRIMARY KEY,
  seq           INTEGER NOT NULL, -- of the event that opened it
  matter        TEXT NOT NULL,
  subject       TEXT NOT NULL,    -- pseudonym
  agent         TEXT NOT NULL,    -- pseudonym
  state         TEXT NOT NULL,
  department    TEXT NOT NULL,    -- that has it now
  opened_at     INTEGER NOT NULL,
  accepted_at   INTEGER NOT NULL, -- 0 = not yet, as are the next
  decided_at    INTEGER NOT NULL,
  ready_at      INTEGER NOT NULL,
  closed_at     INTEGER NOT NULL,
  promised_day  TEXT NOT NULL,
  end           TEXT NOT NULL,
  chosen        TEXT NOT NULL,    -- mail, collect or unknown
  body          TEXT NOT NULL     -- JSON: the whole case
) STRICT;
CREATE INDEX cases_open ON cases (seq) WHERE closed_at = 0;
CREATE INDEX cases_department ON cases (department, promised_day) WHERE closed_at = 0;
CREATE INDEX cases_subject ON cases (subject, matter) WHERE subject <> '';
CREATE INDEX cases_agent ON cases (agent, matter) WHERE agent <> '';
CREATE INDEX cases_closed ON cases (closed_at) WHERE closed_at > 0;
CREATE INDEX cases_opened ON cases (opened_at);

-- One matter of one service: what came of it, and what the person had come for.
CREATE TABLE case_visits (
  ticket  TEXT NOT NULL,
  leg     INTEGER NOT NULL,
  matter  TEXT NOT NULL,
  case_id TEXT NOT NULL, -- empty: none
  at      INTEGER NOT NULL,
  window  TEXT NOT NULL,
  outcome TEXT NOT NULL,
  purpose TEXT NOT NULL, -- empty: nobody said
  derived TEXT NOT NULL, -- what followed from the outcome, where somebody chose another
  PRIMARY KEY (ticket, leg, matter)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_visits_case ON case_visits (case_id, at) WHERE case_id <> '';

-- Who sent whom where, and why (转办): tickets between windows, cases between departments.
CREATE TABLE referrals (
  seq       INTEGER PRIMARY KEY,
  ticket    TEXT NOT NULL, -- empty: a case between departments
  case_id   TEXT NOT NULL, -- empty: a ticket between windows
  at        INTEGER NOT NULL,
  from_at   TEXT NOT NULL, -- window or department
  to_at     TEXT NOT NULL, -- window, field or department
  reason    TEXT NOT NULL,
  sent_back INTEGER NOT NULL -- 1: goes back
) STRICT;

CREATE TABLE ratings (
  id       TEXT PRIMARY KEY,
  seq      INTEGER NOT NULL,
  ticket   TEXT NOT NULL,
  leg      INTEGER NOT NULL,
  day      TEXT NOT NULL,
  window   TEXT NOT NULL,
  clerk    TEXT NOT NULL,
  at       INTEGER NOT NULL,
  grade    INTEGER NOT NULL,
  reasons  TEXT NOT NULL, -- JSON array
  text     TEXT NOT NULL,
  via      TEXT NOT NULL,
  after_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX ratings_at ON ratings (at);

CREATE TABLE rating_tasks (
  id        TEXT PRIMARY KEY,
  state     TEXT NOT NULL,
  at        INTEGER NOT NULL,
  closed_at INTEGER NOT NULL,
  body      TEXT NOT NULL -- JSON: the whole task
) STRICT;
CREATE INDEX rating_tasks_open ON rating_tasks (at) WHERE closed_at = 0;

ALTER TABLE accounts ADD COLUMN department TEXT NOT NULL DEFAULT ''; -- whose cases a department's account sees

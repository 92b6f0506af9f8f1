-- Steps of cases one by one, for what the newest state of a case does not tell: who accepted it and in whose service, how
-- long the clock stood, how long nobody had it.
CREATE TABLE case_steps (
  seq          INTEGER PRIMARY KEY,
  case_id      TEXT NOT NULL,
  at           INTEGER NOT NULL,
  actor        TEXT NOT NULL,
  step         TEXT NOT NULL,
  ticket       TEXT NOT NULL,    -- empty: at no window
  written      INTEGER NOT NULL, -- 1: the person has it in writing
  promised_day TEXT NOT NULL,    -- that the step gives the case; empty = it stays
  department   TEXT NOT NULL,    -- that it goes to
  end          TEXT NOT NULL
) STRICT;
INSERT INTO case_steps SELECT seq, payload ->> '$.case', at, actor, payload ->> '$.step', coalesce(payload ->> '$.detail.at_ticket', ''),
  coalesce(payload ->> '$.detail.written', 0), coalesce(payload ->> '$.detail.promised_day', ''), coalesce(payload ->> '$.detail.department', ''),
  coalesce(payload ->> '$.detail.end', '') FROM events WHERE kind = 'case_stepped' AND payload IS NOT NULL;
CREATE INDEX case_steps_case ON case_steps (case_id, seq);
CREATE INDEX case_steps_at ON case_steps (at);

-- Supervision leads (督查线索) that somebody has followed.
CREATE TABLE leads (
  id    TEXT PRIMARY KEY,
  since TEXT NOT NULL, -- first day of its month
  state TEXT NOT NULL,
  body  TEXT NOT NULL  -- JSON: the whole lead
) STRICT;
CREATE INDEX leads_since ON leads (since);
CREATE INDEX events_imports ON events (seq) WHERE kind = 'history_imported';

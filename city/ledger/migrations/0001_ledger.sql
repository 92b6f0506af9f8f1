-- Up to where each hall's journal has been taken in: the same transaction moves it and changes every other table, so a
-- letter counts once however often it comes.
CREATE TABLE halls (
  id       TEXT PRIMARY KEY,
  gen      INTEGER NOT NULL DEFAULT 0,
  position BIGINT NOT NULL DEFAULT 0,          -- last event taken in; none is missing before it
  hash     TEXT NOT NULL DEFAULT '',           -- of that event
  head     BIGINT NOT NULL DEFAULT 0,          -- newest event that the hall has spoken of
  early    INTEGER NOT NULL DEFAULT 0,         -- letters that wait for one before them
  at       BIGINT NOT NULL DEFAULT 0,          -- unix ms of the last event
  fault    TEXT NOT NULL DEFAULT '',           -- why nothing is taken in any more
  name     TEXT NOT NULL DEFAULT '',
  zone     TEXT NOT NULL DEFAULT 'Asia/Shanghai',
  version  TEXT NOT NULL DEFAULT '',           -- of its lists
  layout   JSONB                               -- who serves what, as the hall sends it
);

-- Letters that came before one that they need.
CREATE TABLE early (
  hall TEXT NOT NULL,
  gen  INTEGER NOT NULL,
  seq  BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (hall, gen, seq)
);

-- Projections. Tickets and cases lie in a partition for each month of their day.
CREATE TABLE tickets (
  hall   TEXT NOT NULL,
  id     TEXT NOT NULL,
  day    DATE NOT NULL,
  person TEXT NOT NULL,                        -- sealed pseudonym, '' = none
  body   JSON NOT NULL,                        -- its stays, see fold.go
  PRIMARY KEY (hall, day, id)
) PARTITION BY RANGE (day);
CREATE INDEX tickets_person ON tickets (person, day) WHERE person <> '';

CREATE TABLE cases (
  hall      TEXT NOT NULL,
  id        TEXT NOT NULL,
  filed     DATE NOT NULL,                     -- day in the case's number; 1970-01-01 where an approval system numbered it
  matter    TEXT NOT NULL,
  subject   TEXT NOT NULL,
  agent     TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  accepted_at BIGINT NOT NULL,
  closed_at BIGINT NOT NULL,                   -- 0 = open
  body      JSON NOT NULL,
  PRIMARY KEY (hall, filed, id)
) PARTITION BY RANGE (filed);
CREATE INDEX cases_open ON cases (hall, opened_at) WHERE closed_at = 0;
CREATE INDEX cases_closed ON cases (hall, closed_at) WHERE closed_at > 0;
CREATE INDEX cases_subject ON cases (subject, matter) WHERE subject <> '';
CREATE TABLE cases_other PARTITION OF cases DEFAULT;

CREATE TABLE referrals (
  hall    TEXT NOT NULL,
  seq     BIGINT NOT NULL,
  day     DATE NOT NULL,
  at      BIGINT NOT NULL,
  ticket  TEXT NOT NULL,                       -- '' = a case between departments
  case_id TEXT NOT NULL,                       -- '' = a ticket between windows
  from_at TEXT NOT NULL,
  to_at   TEXT NOT NULL,
  back    BOOLEAN NOT NULL,
  PRIMARY KEY (hall, day, seq)
) PARTITION BY RANGE (day);

-- What is counted by hall and day, so that a year of a thousand halls is read in a moment.
CREATE TABLE hall_days (
  hall   TEXT NOT NULL,
  day    DATE NOT NULL,
  events BIGINT NOT NULL,
  issued BIGINT NOT NULL, called BIGINT NOT NULL, served BIGINT NOT NULL, done BIGINT NOT NULL, missed BIGINT NOT NULL,
  left_early BIGINT NOT NULL,                  -- abandoned or cancelled
  wait_ms BIGINT NOT NULL,                     -- of those called, from the issue to the first call
  wait_5 BIGINT NOT NULL, wait_10 BIGINT NOT NULL, wait_15 BIGINT NOT NULL, wait_20 BIGINT NOT NULL, wait_30 BIGINT NOT NULL,
  wait_45 BIGINT NOT NULL, wait_60 BIGINT NOT NULL, wait_90 BIGINT NOT NULL, wait_more BIGINT NOT NULL, -- called within so many minutes, not sooner
  service_ms BIGINT NOT NULL,                  -- of those served
  cases_opened BIGINT NOT NULL, cases_closed BIGINT NOT NULL,
  ratings BIGINT NOT NULL, rating_sum BIGINT NOT NULL, ratings_bad BIGINT NOT NULL,
  PRIMARY KEY (hall, day)
);
CREATE INDEX hall_days_day ON hall_days (day);

CREATE TABLE windows (
  hall   TEXT NOT NULL,
  number TEXT NOT NULL,
  state  TEXT NOT NULL,
  since  BIGINT NOT NULL,
  PRIMARY KEY (hall, number)
);

CREATE TABLE devices (
  hall   TEXT NOT NULL,
  device TEXT NOT NULL,
  part   TEXT NOT NULL,
  state  TEXT NOT NULL,
  since  BIGINT NOT NULL,
  PRIMARY KEY (hall, device, part)
);

-- Judgements of run-at-most-once by hall and period; made anew when they are older than what they judge.
CREATE TABLE judged (
  hall   TEXT NOT NULL,
  first  DATE NOT NULL,
  last   DATE NOT NULL,
  report DATE NOT NULL,
  position BIGINT NOT NULL,                    -- of the hall when it was made
  made   BIGINT NOT NULL,
  over   BOOLEAN NOT NULL,                     -- nothing of the hall can change it any more
  body   JSONB NOT NULL,
  PRIMARY KEY (hall, first, last, report)
);

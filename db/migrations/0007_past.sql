-- The history that was imported (yitang import of exchange files): replaced as a whole, never changed by the hall.
-- The records are packed by server/archive; days count from 1970-01-01 in the hall's zone.
CREATE TABLE past_cases (
  no     INTEGER PRIMARY KEY, -- in the order of closing, so that a month's cases lie side by side
  id     TEXT NOT NULL UNIQUE,
  opened INTEGER NOT NULL,    -- day
  closed INTEGER NOT NULL,    -- day; 2147483647 while open
  body   BLOB NOT NULL        -- the case with its tickets, notices and referrals
) STRICT;
-- Nearly every case closes within a quarter: the short ones of a period are found by their closing, the few others apart.
CREATE INDEX past_cases_short ON past_cases (closed, opened) WHERE closed - opened <= 92;
CREATE INDEX past_cases_long ON past_cases (opened, closed) WHERE closed - opened > 92;

CREATE TABLE past_days (
  no      INTEGER PRIMARY KEY,
  day     INTEGER NOT NULL,
  tickets BLOB NOT NULL -- some of the tickets issued on it
) STRICT;
CREATE INDEX past_days_day ON past_days (day);

CREATE TABLE past_accepted (
  day    INTEGER NOT NULL,
  matter TEXT NOT NULL,
  cases  INTEGER NOT NULL,
  PRIMARY KEY (day, matter)
) STRICT, WITHOUT ROWID;

CREATE TABLE past_standards (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  body BLOB NOT NULL -- JSON
) STRICT;

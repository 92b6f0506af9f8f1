-- Appointments (预约): a projection of the journal.
CREATE TABLE appointments (
  id     TEXT PRIMARY KEY,
  seq    INTEGER NOT NULL, -- of the event that booked it
  day    TEXT NOT NULL,
  slot   INTEGER NOT NULL, -- unix ms
  state  TEXT NOT NULL,
  person TEXT NOT NULL,    -- pseudonym
  code   TEXT NOT NULL,
  track  TEXT NOT NULL UNIQUE,
  body   TEXT NOT NULL     -- JSON: the whole appointment
) STRICT;
CREATE INDEX appointments_open ON appointments (slot) WHERE state = 'booked';
CREATE INDEX appointments_missed ON appointments (day) WHERE state = 'missed';
CREATE INDEX appointments_day ON appointments (day, slot);

-- What the calling rule wants of a ticket beside its place.
ALTER TABLE tickets ADD COLUMN since INTEGER NOT NULL DEFAULT 0;    -- from when its wait counts
ALTER TABLE tickets ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;     -- of an appointment
ALTER TABLE tickets ADD COLUMN deliver INTEGER NOT NULL DEFAULT 0;  -- 1: comes to collect a result
ALTER TABLE tickets ADD COLUMN directed INTEGER NOT NULL DEFAULT 0; -- 1: sent to its field by a clerk
UPDATE tickets SET since = issued_at;

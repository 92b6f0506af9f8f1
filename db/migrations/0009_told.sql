-- The forecast that a ticket was given at its issue, JSON; empty when there was none.
ALTER TABLE tickets ADD COLUMN told TEXT NOT NULL DEFAULT '';

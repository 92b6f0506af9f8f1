-- When a ticket that was sent on for later was back and began to wait at the next window; 0 for every other leg.
ALTER TABLE services ADD COLUMN resumed_at INTEGER NOT NULL DEFAULT 0;

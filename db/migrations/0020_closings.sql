-- When the days ended: what lasted until then nobody had ended. An index for one kind, found where a query says the same.
CREATE INDEX events_closings ON events (at, day) WHERE kind = 'day_closed';

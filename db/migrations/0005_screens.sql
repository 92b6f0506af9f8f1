-- The newest arrangement of the screens is found as the newest layout is.
CREATE INDEX events_screens ON events (seq) WHERE kind = 'screens_arranged';

-- REPLACE takes a row away without asking the DELETE trigger.
CREATE TRIGGER events_keep_replace BEFORE INSERT ON events WHEN EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- Named values that are no act of the hall: which server it is, which key it needs.
CREATE TABLE marks (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Answers in the order in which they were put on disk, so that a standby can follow them. 0 = from before it was kept.
ALTER TABLE answers ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX answers_place ON answers (place) WHERE place > 0;

-- Retention takes the personal part out of a payload and leaves everything that the chain is made of. The event that
-- ordered it must be there before and says what the payload is afterwards (see purge.go).
ALTER TABLE events ADD COLUMN purged INTEGER NOT NULL DEFAULT 0; -- number of that event
DROP TRIGGER events_keep_update;
CREATE TRIGGER events_keep_update BEFORE UPDATE ON events
WHEN NOT (OLD.purged = 0 AND NEW.seq = OLD.seq AND NEW.hall = OLD.hall AND NEW.day = OLD.day AND NEW.at = OLD.at
  AND NEW.actor = OLD.actor AND NEW.kind = OLD.kind AND NEW.version = OLD.version AND NEW.digest = OLD.digest AND NEW.hash = OLD.hash
  AND EXISTS (SELECT 1 FROM events WHERE seq = NEW.purged AND seq > OLD.seq AND kind = 'records_purged'))
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- The events of a case are found by it when its time has come.
CREATE INDEX events_case ON events (CASE WHEN json_valid(payload) THEN coalesce(payload ->> '$.case', payload ->> '$.state.case') END, seq)
  WHERE kind IN ('case_started', 'case_stepped', 'case_synced');
CREATE INDEX rating_tasks_closed ON rating_tasks (closed_at) WHERE closed_at > 0;

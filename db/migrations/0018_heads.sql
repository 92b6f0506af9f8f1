-- The signed heads are exported without reading the journal.
CREATE INDEX events_heads ON events (seq) WHERE kind = 'head_signed';

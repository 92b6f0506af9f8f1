-- An index for some kinds serves a query only when the query says the very same of the kind. So the turns of a journal, by
-- which a start finds the newest day and layout, were sought by walking back through everything since.
DROP INDEX events_turns;
CREATE INDEX events_days ON events (seq) WHERE kind = 'day_opened';
CREATE INDEX events_layouts ON events (seq) WHERE kind IN ('layout_adopted', 'layout_planned');

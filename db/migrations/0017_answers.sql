-- The old answers are found at the opening of each day without reading the new ones.
CREATE INDEX answers_at ON answers (at);

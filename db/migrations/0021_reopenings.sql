-- Which days were opened again after their end, and when: no more than a few in a hall's life, found without reading the rest.
CREATE INDEX events_reopenings ON events (day, seq) WHERE kind = 'day_reopened';

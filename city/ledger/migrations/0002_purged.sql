-- Business day up to which a hall's retention has taken the persons out of its tickets, here as in the hall.
ALTER TABLE halls ADD COLUMN purged DATE NOT NULL DEFAULT '1970-01-01';

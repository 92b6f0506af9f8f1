-- A month's report asks for what was accepted and decided lately, in a hall of ten years.
CREATE INDEX cases_accepted ON cases (accepted_at, matter) WHERE accepted_at > 0;
CREATE INDEX cases_decided ON cases (decided_at) WHERE decided_at > 0;
CREATE INDEX tickets_issued ON tickets (issued_at);
CREATE INDEX referrals_at ON referrals (at);
CREATE INDEX case_visits_at ON case_visits (at);
CREATE INDEX spells_since ON window_spells (since);

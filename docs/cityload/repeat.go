package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// repeat copies each hall's first day over so many days of 2026 in the rollups, and each kept judgement over the months of
// 2026, so that a report over a year can be timed without a year of letters. The database is thrown away afterwards.
func repeat(ctx context.Context, url string, days, months int) (err error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	_, err = c.Exec(ctx, `INSERT INTO hall_days SELECT (jsonb_populate_record(NULL::hall_days, to_jsonb(d) || jsonb_build_object('day', DATE '2026-01-01' + n))).*
		FROM (SELECT DISTINCT ON (hall) * FROM hall_days WHERE issued > 0 ORDER BY hall, day) d, generate_series(0, $1::int - 1) n`, days)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, `INSERT INTO judged (hall, first, last, report, position, made, over, body)
		SELECT hall, m::date, (m + INTERVAL '1 month - 1 day')::date,
			LEAST((m + INTERVAL '1 month - 1 day')::date + 31, DATE '2026-12-31'), position, made, TRUE, body
		FROM judged, generate_series(DATE '2026-01-01', DATE '2026-01-01' + ($1::int - 1) * INTERVAL '1 month', INTERVAL '1 month') m
		ON CONFLICT DO NOTHING`, months)
	return err
}

package ledger

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// RepeatForMeasurement copies each hall's first day over so many days of 2026 in the rollups, and each kept judgement over the
// months of 2026, so that a report over a year can be timed without a year of letters. Only docs/cityload calls it, on a
// database that it throws away.
func (l *Ledger) RepeatForMeasurement(ctx context.Context, days, months int) error {
	columns := strings.Join(dayColumns(), ", ")
	return l.tx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO hall_days (hall, day, `+columns+`) SELECT hall, DATE '2026-01-01' + n, `+columns+`
			FROM (SELECT DISTINCT ON (hall) * FROM hall_days WHERE issued > 0 ORDER BY hall, day) d, generate_series(0, $1::int - 1) n`, days)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO judged (hall, first, last, report, position, made, over, body)
			SELECT hall, m::date, (m + INTERVAL '1 month - 1 day')::date,
				LEAST((m + INTERVAL '1 month - 1 day')::date + 31, DATE '2026-12-31'), position, made, TRUE, body
			FROM judged, generate_series(DATE '2026-01-01', DATE '2026-01-01' + ($1::int - 1) * INTERVAL '1 month', INTERVAL '1 month') m
			ON CONFLICT DO NOTHING`, months)
		return err
	})
}

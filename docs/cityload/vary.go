package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// vary makes so many days of 2026 of each hall in the daily figures, each a day that the hall played times a share between a
// half and one and a half that depends on hall and day, so that the figures of a year can be timed without a year of letters.
// The database is thrown away afterwards.
func vary(ctx context.Context, url string, days int) (err error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close(ctx)) }()
	r, err := c.Query(ctx, `SELECT column_name::text FROM information_schema.columns WHERE table_name = 'hall_days' AND data_type = 'bigint'`)
	if err != nil {
		return err
	}
	columns, err := pgx.CollectRows(r, pgx.RowTo[string])
	if err != nil {
		return err
	}
	list := strings.Join(columns, ", ")
	varied := make([]string, len(columns))
	for i, name := range columns {
		varied[i] = fmt.Sprintf("(%s * share)::bigint", name)
	}
	_, err = c.Exec(ctx, `INSERT INTO hall_days (hall, day, `+list+`) SELECT hall, DATE '2026-01-01' + n, `+strings.Join(varied, ", ")+`
		FROM (SELECT d.*, n, 0.5 + (hashtext(d.hall || ' ' || n) & 1023) / 1023.0 AS share
			FROM (SELECT *, row_number() OVER (PARTITION BY hall ORDER BY day) AS r, count(*) OVER (PARTITION BY hall) AS played
				FROM hall_days WHERE issued > 0) d, generate_series(0, $1::int - 1) n WHERE n % played = r - 1) v`, days)
	return err
}

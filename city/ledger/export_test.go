package ledger

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"yitang/server/hall"
)

// Rows reads every stay of every ticket of a hall, for tests.
func (l *Ledger) Rows(ctx context.Context, id hall.ID) ([]hall.TicketRow, error) {
	r, err := l.pool.Query(ctx, `SELECT id, person, body FROM tickets WHERE hall = $1 ORDER BY (body ->> 'i')::bigint, id`, id)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var out []hall.TicketRow
	for r.Next() {
		t, err := scanTicket(r)
		if err != nil {
			return nil, err
		}
		for _, row := range t.stays() {
			out = append(out, *row)
		}
	}
	return out, r.Err()
}

// Case is a case with what its row says about persons.
type Case struct {
	hall.Case
	RowSubject, RowAgent string
}

// Cases reads a hall's cases, for tests.
func (l *Ledger) Cases(ctx context.Context, id hall.ID) ([]Case, error) {
	r, err := l.pool.Query(ctx, `SELECT subject, agent, body FROM cases WHERE hall = $1 ORDER BY id`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(r, func(row pgx.CollectableRow) (c Case, err error) {
		var body []byte
		if err := row.Scan(&c.RowSubject, &c.RowAgent, &body); err != nil {
			return c, err
		}
		return c, json.Unmarshal(body, &c.Case)
	})
}

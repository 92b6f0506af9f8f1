package ledger

import (
	"context"

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

// Exec runs a statement.
func (l *Ledger) Exec(ctx context.Context, text string, args ...any) error {
	_, err := l.pool.Exec(ctx, text, args...)
	return err
}

package db

import (
	"context"
	"fmt"

	"yitang/server/hall"
)

// Lines reads the journal as an auditor does, the newest event first.
func (d *DB) Lines(ctx context.Context, f hall.LineFilter) ([]hall.Line, error) {
	rows, err := d.read.QueryContext(ctx, `SELECT seq, at, actor, kind, payload FROM events
		WHERE (?1 = 0 OR seq < ?1) AND (?2 OR kind = 'access_recorded')
		  AND (?3 = '' OR substr(actor, instr(actor, ':') + 1) = ?3 OR kind = 'access_recorded' AND json_extract(payload, '$.user') = ?3)
		ORDER BY seq DESC LIMIT ?4`, int64(f.Before), f.All, f.User, f.Limit) // #nosec G115 -- a journal does not reach 2^63
	if err != nil {
		return nil, fmt.Errorf("db: journal: %w", err)
	}
	defer rows.Close()
	var list []hall.Line
	for rows.Next() {
		var r record
		if err := rows.Scan(&r.seq, &r.at, &r.actor, &r.kind, &r.payload); err != nil {
			return nil, fmt.Errorf("db: journal: %w", err)
		}
		l, err := r.line()
		if err != nil {
			return nil, fmt.Errorf("db: event %d: %w", r.seq, err)
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

func (r *record) line() (hall.Line, error) {
	if r.payload == nil { // retention has redacted it
		return hall.Line{Seq: r.seq, At: hall.Millis(r.at), Actor: hall.Actor(r.actor), Kind: hall.Kind(r.kind)}, nil
	}
	e, err := r.event()
	if err != nil {
		return hall.Line{}, err
	}
	return e.Line(), nil
}

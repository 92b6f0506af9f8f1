package db

import (
	"context"
	"fmt"

	"yitang/server/hall"
)

// ChainAfter returns the events after a number with their places in the chain, in order, at most limit: for whoever hands
// the journal on. It reads beside the hall's work.
func (d *DB) ChainAfter(ctx context.Context, after uint64, limit int) ([]hall.Chained, error) {
	list := make([]hall.Chained, 0, limit)
	prev := genesis()
	err := replay(ctx, d.read, allEvents+`
		WHERE seq >= ? ORDER BY seq LIMIT ?`, func(r *record) error {
		if r.seq > after && len(list) < limit {
			c := hall.Chained{Event: hall.Event{Seq: r.seq, Hall: hall.ID(r.hall), Day: hall.Day(r.day), At: hall.Millis(r.at), Actor: hall.Actor(r.actor)},
				Kind: hall.Kind(r.kind), Prev: prev, Hash: r.hash}
			if r.payload != nil {
				var err error
				if c.Body, err = hall.DecodeBody(c.Kind, r.payload); err != nil {
					return err
				}
			}
			list = append(list, c)
		}
		prev = r.hash
		return nil
	}, after, limit+1)
	return list, err
}

// Head is the number of the newest event, 0 without any.
func (d *DB) Head(ctx context.Context) (seq uint64, err error) {
	if err = d.read.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM events`).Scan(&seq); err != nil {
		return 0, fmt.Errorf("db: newest event: %w", err)
	}
	return seq, nil
}

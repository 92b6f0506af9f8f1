package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"yitang/server/hall"
	"yitang/server/webhook"
)

var _ webhook.Store = (*DB)(nil)

// PutHook makes an address or changes it. A new one is told what happens from now on.
func (d *DB) PutHook(ctx context.Context, h webhook.Hook) error { return putHook(ctx, d.write, h) }

func putHook(ctx context.Context, q execer, h webhook.Hook) error {
	topics, err := json.Marshal(h.Topics)
	if err != nil {
		return fmt.Errorf("db: webhook %s: %w", h.ID, err)
	}
	_, err = q.ExecContext(ctx, `INSERT INTO webhooks (id, url, secret, topics, algorithm, place)
		VALUES (?, ?, ?, ?, ?, coalesce((SELECT max(seq) FROM events), 0))
		ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret, topics = excluded.topics, algorithm = excluded.algorithm`,
		h.ID, h.URL, h.Secret, string(topics), h.Algorithm)
	if err != nil {
		return fmt.Errorf("db: webhook %s: %w", h.ID, err)
	}
	return nil
}

// Hooks implements webhook.Store.
func (d *DB) Hooks(ctx context.Context) ([]webhook.Hook, error) {
	r, err := d.read.QueryContext(ctx, `SELECT id, url, secret, topics, algorithm, place FROM webhooks ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("db: webhooks: %w", err)
	}
	defer r.Close()
	var list []webhook.Hook
	for r.Next() {
		var h webhook.Hook
		var topics string
		if err := r.Scan(&h.ID, &h.URL, &h.Secret, &topics, &h.Algorithm, &h.Place); err != nil {
			return nil, fmt.Errorf("db: webhooks: %w", err)
		}
		if err := json.Unmarshal([]byte(topics), &h.Topics); err != nil {
			return nil, fmt.Errorf("db: webhook %s: %w", h.ID, err)
		}
		list = append(list, h)
	}
	return list, r.Err()
}

// HookEvents implements webhook.Store.
func (d *DB) HookEvents(ctx context.Context, after uint64, limit int) ([]*hall.Event, error) {
	var list []*hall.Event
	err := replay(ctx, d.read, allEvents+`
		WHERE kind IN ('case_started', 'case_stepped', 'case_synced', 'rating_given', 'task_stepped') AND seq > ?
		ORDER BY seq LIMIT ?`, decoded(func(e *hall.Event) error {
		list = append(list, e)
		return nil
	}), after, limit)
	return list, err
}

// HookEvent is one event, or nil.
func (d *DB) HookEvent(ctx context.Context, seq uint64) (*hall.Event, error) {
	list, err := d.HookEvents(ctx, seq-1, 1)
	if err != nil || len(list) == 0 || list[0].Seq != seq {
		return nil, err
	}
	return list[0], nil
}

// Settle implements webhook.Store: the place and the letter are on disk together.
func (d *DB) Settle(ctx context.Context, id webhook.ID, seq uint64, dead *webhook.Letter) error {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("db: webhook %s: %w", id, err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	if _, err := tx.Exec(`UPDATE webhooks SET place = ?2 WHERE id = ?1 AND place < ?2`, id, seq); err != nil {
		return fmt.Errorf("db: webhook %s: %w", id, err)
	}
	if dead != nil {
		if _, err := tx.Exec(`INSERT INTO webhook_letters (hook, seq, at, attempts, reason) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (hook, seq) DO UPDATE SET at = excluded.at, attempts = excluded.attempts, reason = excluded.reason`,
			id, seq, dead.At.UnixMilli(), dead.Attempts, dead.Reason); err != nil {
			return fmt.Errorf("db: webhook %s: %w", id, err)
		}
	}
	return tx.Commit()
}

// Letters lists the dead letters, the newest first, at most limit.
func (d *DB) Letters(ctx context.Context, limit int) ([]webhook.Letter, error) {
	r, err := d.read.QueryContext(ctx, `SELECT hook, seq, at, attempts, reason FROM webhook_letters ORDER BY at DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("db: dead letters: %w", err)
	}
	defer r.Close()
	var list []webhook.Letter
	for r.Next() {
		var l webhook.Letter
		var at int64
		if err := r.Scan(&l.Hook, &l.Seq, &at, &l.Attempts, &l.Reason); err != nil {
			return nil, fmt.Errorf("db: dead letters: %w", err)
		}
		l.At = time.UnixMilli(at)
		list = append(list, l)
	}
	return list, r.Err()
}

// HasLetter says whether a letter lies there, also an older one than Letters lists.
func (d *DB) HasLetter(ctx context.Context, id webhook.ID, seq uint64) (there bool, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM webhook_letters WHERE hook = ? AND seq = ?)`, id, seq).Scan(&there)
	if err != nil {
		return false, fmt.Errorf("db: dead letter: %w", err)
	}
	return there, nil
}

// DropLetter forgets a dead letter.
func (d *DB) DropLetter(ctx context.Context, id webhook.ID, seq uint64) error {
	if _, err := d.write.ExecContext(ctx, `DELETE FROM webhook_letters WHERE hook = ? AND seq = ?`, id, seq); err != nil {
		return fmt.Errorf("db: dead letter: %w", err)
	}
	return nil
}

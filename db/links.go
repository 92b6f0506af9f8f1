package db

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"yitang/server/hall"
)

const wholeJournal = allEvents + ` ORDER BY seq`

// chain walks the journal's hashes before anything is made of what the events say.
type chain struct {
	events uint64
	before []byte
	purges purges
	heads  []hall.HeadSigned
	good   hall.HeadSigned // the last head that fitted
	fault  string
}

// walk reads every event once and returns what is wrong with the chain, or "".
func (c *chain) walk(ctx context.Context, src *sql.Tx) (string, error) {
	err := replay(ctx, src, wholeJournal, c.step)
	if errors.Is(err, errFault) {
		return c.fault, nil
	}
	if err != nil {
		return "", err
	}
	for _, h := range c.heads {
		if h.Seq > c.events {
			return fmt.Sprintf("event %d is missing: the head of %s was signed at it, and the journal ends at %d", c.events+1, h.Of, c.events), nil
		}
	}
	return c.purges.fault(), nil
}

// step checks one event against the one before it.
func (c *chain) step(r *record) error {
	c.events++
	digest := sha256.Sum256(r.payload)
	switch {
	case r.seq != c.events:
		return c.found("event %d is missing: the next one in the journal is %d", c.events, r.seq)
	case r.purged == 0 && !bytes.Equal(digest[:], r.digest):
		return c.found("event %d (%s) was changed: its payload does not fit its digest", r.seq, r.kind)
	case !bytes.Equal(r.link(c.before), r.hash):
		return c.found("event %d (%s) was changed or moved: its hash does not follow from the event before", r.seq, r.kind)
	}
	c.before = r.hash
	if r.kind == string(hall.KindRecordsPurged) || r.purged != 0 {
		if err := c.purge(r); err != nil {
			return err
		}
	}
	return c.head(r)
}

func (c *chain) purge(r *record) error {
	ev, err := r.event()
	if err != nil {
		return c.found("event %d (%s) cannot be read: %v", r.seq, r.kind, err)
	}
	c.purges.add(r, ev.Body)
	return nil
}

// head holds the chain against what was signed when it ended here: a chain that was written anew as a whole fits in itself,
// but not to a head that somebody else keeps.
func (c *chain) head(r *record) error {
	for _, h := range c.heads {
		if h.Seq != r.seq {
			continue
		}
		if h.Hash != hex.EncodeToString(r.hash) {
			return c.found("event %d (%s) is not the one under which the head of %s was signed: the journal was rewritten between event %d and event %d",
				r.seq, r.kind, h.Of, c.good.Seq+1, r.seq)
		}
		c.good = h
	}
	return nil
}

func (c *chain) found(format string, args ...any) error {
	c.fault = fmt.Sprintf(format, args...)
	return errFault
}

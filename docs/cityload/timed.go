package main

import (
	"context"
	"sync/atomic"
	"time"

	"yitang/city/ledger"
	"yitang/city/letter"
)

// timed counts transactions and how long they take.
type timed struct {
	*ledger.Ledger
	calls, letters, nanos atomic.Int64
}

// Take implements intake.Ledger.
func (t *timed) Take(ctx context.Context, letters []*letter.Letter) (ledger.Taken, error) {
	began := time.Now()
	defer func() {
		t.calls.Add(1)
		t.letters.Add(int64(len(letters)))
		t.nanos.Add(int64(time.Since(began)))
	}()
	return t.Ledger.Take(ctx, letters)
}

func (t *timed) say() {
	n := max(t.calls.Load(), 1)
	say("transactions", t.calls.Load())
	say("letters_in_a_transaction", t.letters.Load()/n)
	say("ms_in_a_transaction", t.nanos.Load()/n/1_000_000)
}

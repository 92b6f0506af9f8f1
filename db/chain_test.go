package db_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yitang/server/hall"
)

// TestChainAfter hands on every event once with the hashes that tie it to the one before, wherever it begins.
func TestChainAfter(t *testing.T) {
	b := lived(t)
	head, err := b.d.Head(t.Context())
	if err != nil || head != uint64(len(b.all)) {
		t.Fatalf("head %d of %d, %v", head, len(b.all), err)
	}
	var got []hall.Event
	prev := make([]byte, 32)
	for after := uint64(0); ; {
		list, err := b.d.ChainAfter(t.Context(), after, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if !bytes.Equal(c.Prev, prev) || c.Kind != c.Body.Kind() {
				t.Fatalf("event %d does not follow the one before", c.Seq)
			}
			prev, after, got = c.Hash, c.Seq, append(got, c.Event)
		}
		if len(list) < 7 {
			break
		}
	}
	if diff := cmp.Diff(b.all, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(hall.Ticket{})); diff != "" {
		t.Errorf("(-journal +handed on):\n%s", diff)
	}
}

package ledger_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/city/ledger"
	"yitang/city/letter"
	"yitang/server/hall"
)

// purge has the hall's retention take out every day up to one, and returns the last moment that it reaches, with how many
// days it took.
func (b *book) purge(t *testing.T, through hall.Day) (before hall.Millis, days int) {
	t.Helper()
	for {
		plan, err := b.PurgePlan(t.Context(), through, through)
		if err != nil {
			t.Fatal(err)
		}
		if plan == nil {
			return before, days
		}
		if err := b.Purge(*plan); err != nil {
			t.Fatal(err)
		}
		if err := b.Append(b.entries); err != nil {
			t.Fatal(err)
		}
		b.entries, before, days = nil, plan.ClosedBefore, days+1
	}
}

// casesPurged: nobody is left in the cases that were closed before a moment, and somebody is in the others.
func casesPurged(t *testing.T, l *ledger.Ledger, id hall.ID, before hall.Millis) {
	t.Helper()
	cases, err := l.Cases(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var gone, known int
	for _, c := range cases {
		if c.ClosedAt == 0 || c.ClosedAt >= before {
			if c.RowSubject != "" && c.Subject == c.RowSubject {
				known++
			}
			continue
		}
		gone++
		if diff := cmp.Diff(*hall.RedactCase(&c.Case), c.Case); diff != "" || c.RowSubject != "" || c.RowAgent != "" {
			t.Errorf("%s: a person is left: %q %q %s", c.ID, c.RowSubject, c.RowAgent, diff)
		}
	}
	if gone == 0 || known == 0 {
		t.Errorf("%d cases without persons, %d with: the test shows nothing", gone, known)
	}
}

// TestPurge: the stream keeps what a hall said before its retention took persons out. With the purge's own letter the city
// lets go of the same persons and of no other, in whatever parts the letters come, again, and after a rebuild; the other
// hall's people stay.
func TestPurge(t *testing.T) {
	a, b := newBook(t, "changji", 7), newBook(t, "township", 8)
	a.days(t, 80, "2025-05-30", "2025-06-03", "2025-06-04", "2025-06-05")
	b.days(t, 40, "2025-05-30", "2025-06-03")
	stream := append(a.letters(t), b.letters(t)...)
	before, days := a.purge(t, "2025-06-03")
	if days != 2 {
		t.Fatalf("%d days purged", days)
	}
	after := a.letters(t)
	stream = append(stream, after[len(after)-days:]...)
	l, _ := fresh(t)
	for name, c := range map[string]struct {
		letters []*letter.Letter
		parts   int
	}{
		"as they come": {stream, 150}, "in one part": {stream, len(stream)}, "sent again by the hall": {append(stream[:len(stream):len(stream)], after...), 333},
		"when the stream has forgotten the beginning": {append(stream[300:len(stream):len(stream)], after...), 200},
	} {
		t.Run(name, func(t *testing.T) {
			if err := l.Clear(t.Context()); err != nil {
				t.Fatal(err)
			}
			take(t, l, c.letters, c.parts)
			sameAsJournal(t, l, a)
			casesPurged(t, l, "changji", before)
			sameAsJournal(t, l, b)
		})
	}
}

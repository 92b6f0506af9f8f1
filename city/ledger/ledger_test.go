package ledger_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"yitang/city/ledger"
	"yitang/city/letter"
	"yitang/server/hall"
)

// sameAsJournal compares what the ledger has of a hall with what the hall's own database says: every stay of every ticket
// (persons and clerks apart, which are sealed), and the figures of its days.
func sameAsJournal(t *testing.T, l *ledger.Ledger, b *book) {
	t.Helper()
	var want []hall.TicketRow
	err := b.TicketRows(t.Context(), 0, 1<<60, func(r *hall.TicketRow) error { want = append(want, *r); return nil })
	if err != nil {
		t.Fatal(err)
	}
	got, err := l.Rows(t.Context(), b.Hall.ID)
	if err != nil {
		t.Fatal(err)
	}
	byID := func(a, b hall.TicketRow) int { return strings.Compare(string(a.Ticket), string(b.Ticket)) }
	slices.SortFunc(want, byID)
	slices.SortFunc(got, byID)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(hall.TicketRow{}, "Person", "Clerk")); diff != "" {
		t.Fatalf("%s (-hall +city):\n%.4000s", b.Hall.ID, diff)
	}
	for i := range got {
		if (got[i].Person == "") != (want[i].Person == "") || got[i].Person != "" && got[i].Person == want[i].Person {
			t.Fatalf("%s: person %q of %q", got[i].Ticket, got[i].Person, want[i].Person)
		}
	}
	head, err := b.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sum, err := l.Sum(t.Context(), b.Hall.ID)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Events != int64(head) || sum.Issued != int64(b.Tickets()) {
		t.Errorf("%s: %d events of %d, %d tickets of %d", b.Hall.ID, sum.Events, head, sum.Issued, b.Tickets())
	}
}

// TestTake takes two halls' journals in as they come, in parts of every size, again, and mixed up: it is the same each time.
func TestTake(t *testing.T) {
	a, b := newBook(t, "changji", 1), newBook(t, "township", 2)
	a.days(t, 120, "2025-05-30", "2025-06-03")
	b.days(t, 60, "2025-06-03")
	all := append(a.letters(t), b.letters(t)...)
	mixed := slices.Clone(all)
	chance(5).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	for name, c := range map[string]struct {
		letters []*letter.Letter
		parts   int
	}{"in order": {all, 500}, "one by one": {all[:200], 1}, "twice": {append(slices.Clone(all), all...), 333}, "mixed up": {append(mixed, all...), 97}} {
		t.Run(name, func(t *testing.T) {
			l, _ := fresh(t)
			got := take(t, l, c.letters, c.parts)
			if name == "one by one" {
				if got.New != 200 {
					t.Errorf("%+v", got)
				}
				take(t, l, all, 1000)
			}
			sameAsJournal(t, l, a)
			sameAsJournal(t, l, b)
		})
	}
}

// TestGoesOn opens the database anew between parts, and with two workers at once.
func TestGoesOn(t *testing.T) {
	a := newBook(t, "changji", 3)
	a.days(t, 100, "2025-06-03")
	l, url := fresh(t)
	all := a.letters(t)
	take(t, l, all[:300], 100)
	again, err := ledger.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	errs := make(chan error, 2)
	for _, w := range []*ledger.Ledger{l, again} {
		own := a.letters(t) // each reads the stream for itself
		go func() {
			for from := 200; from < len(own); from += 50 {
				if _, err := w.Take(context.Background(), own[from:min(from+50, len(own))]); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	sameAsJournal(t, l, a)
}

// TestTornJournal: a hall that was restored from a backup goes on under the same numbers with other events. The city takes
// nothing more until the hall begins a new generation, and then has that journal alone.
func TestTornJournal(t *testing.T) {
	a, other := newBook(t, "changji", 4), newBook(t, "changji", 5)
	a.days(t, 50, "2025-06-03")
	other.days(t, 80, "2025-06-03")
	l, _ := fresh(t)
	all := a.letters(t)
	take(t, l, all, 1000)
	foreign := other.letters(t)
	got := take(t, l, foreign[len(all)-1:], 1000) // its first one has the number of the city's last
	if got.New != 0 || got.Refused == 0 {
		t.Errorf("%+v", got)
	}
	halls, err := l.Halls(t.Context())
	if err != nil || len(halls) != 1 || !strings.Contains(halls[0].Fault, "renew") {
		t.Fatalf("%+v %v", halls, err)
	}
	sameAsJournal(t, l, a)
	other.gen = 2
	take(t, l, other.letters(t), 300)
	take(t, l, all, 300) // of the generation before: too late
	sameAsJournal(t, l, other)
}

// TestClear and take in again.
func TestClear(t *testing.T) {
	a := newBook(t, "changji", 6)
	a.days(t, 50, "2025-06-03", "2025-06-04")
	l, _ := fresh(t)
	take(t, l, a.letters(t), 100)
	if err := l.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if halls, err := l.Halls(t.Context()); err != nil || len(halls) != 0 {
		t.Fatalf("%v %v", halls, err)
	}
	take(t, l, a.letters(t), 100)
	sameAsJournal(t, l, a)
}

// TestALayoutIsReadOnce, and again when it has changed: the city asks for the halls every few seconds.
func TestALayoutIsReadOnce(t *testing.T) {
	a := newBook(t, "changji", 7)
	a.days(t, 5, "2025-06-03")
	l, url := fresh(t)
	take(t, l, a.letters(t), 100)
	read := func() *hall.Layout {
		t.Helper()
		halls, err := l.Halls(t.Context())
		if err != nil || len(halls) != 1 || halls[0].Layout == nil {
			t.Fatalf("%+v %v", halls, err)
		}
		return halls[0].Layout
	}
	first := read()
	if again := read(); again != first {
		t.Error("it was decoded twice")
	}
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context()) //nolint:errcheck // of a test
	if _, err := c.Exec(t.Context(), `UPDATE halls SET layout = jsonb_set(layout, '{standard}', '7')`); err != nil {
		t.Fatal(err)
	}
	if next := read(); next.Standard != 7 || first.Standard == 7 {
		t.Errorf("the change is not seen: %d, before %d", next.Standard, first.Standard)
	}
}

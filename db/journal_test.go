package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/mattn/go-sqlite3"

	"yitang/server/hall"
)

// TestReplay gives back exactly what was appended: the newest layout from before the newest day, then that day.
func TestReplay(t *testing.T) {
	b := newBook(t)
	check := func(when string, want []hall.Event) {
		t.Helper()
		for range 2 { // and again after the file was opened anew
			var got []hall.Event
			err := b.d.Replay(t.Context(), func(e *hall.Event) error {
				got = append(got, *e)
				return nil
			})
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(hall.Ticket{})); err != nil || diff != "" {
				t.Fatalf("%s: %v (-appended +replayed):\n%s", when, err, diff)
			}
			b.close()
			b.open()
		}
	}
	check("an empty hall", nil)
	b.do(kiosk, hall.ReportDevice{Device: "k1", Part: "printer", State: "up"})
	one := b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	check("before the first day", b.all)
	from := len(b.all)
	b.day("2025-06-03")
	check("after the first day", append(slices.Clone(one), b.all[from:]...))
	two := b.do(hall.System, hall.AdoptLayout{Layout: layout("2")})
	check("a layout adopted after the day", append(slices.Clone(one), b.all[from:]...))
	from = len(b.all)
	b.do(hall.System, hall.OpenDay{Day: "2025-06-04"})
	b.take("A-1")
	b.do(hall.System, hall.AdoptLayout{Layout: layout("3")})
	b.take("B-1")
	check("a layout adopted on the day", append(slices.Clone(two), b.all[from:]...))
}

// TestReplayStops hands on the error of whoever applies, and minds the context.
func TestReplayStops(t *testing.T) {
	b := lived(t)
	enough := errors.New("enough")
	if err := b.d.Replay(t.Context(), func(*hall.Event) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.d.Replay(ctx, func(*hall.Event) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestChainGoesOn appends after the file was opened anew, which only works with the last hash.
func TestChainGoesOn(t *testing.T) {
	b := lived(t)
	for range 3 {
		b.close()
		b.open()
		b.take("A-1")
	}
	if v := b.verify(); v.Fault != "" || v.Events != uint64(len(b.all)) {
		t.Errorf("%+v, want %d events", v, len(b.all))
	}
}

// TestAppendOnly tries to change the journal without taking its guards away.
func TestAppendOnly(t *testing.T) {
	b := lived(t)
	for _, s := range []string{"UPDATE events SET payload = '{}' WHERE seq = 3", "UPDATE events SET payload = NULL", "DELETE FROM events WHERE seq = 3",
		"DELETE FROM events", "REPLACE INTO events SELECT seq, hall, day, at, actor, kind, version, '{}', digest, hash, purged FROM events WHERE seq = 3",
		"UPDATE events SET seq = seq + 1000"} {
		_, err := b.d.Writer().Exec(s)
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", s, err)
		}
	}
	if v := b.verify(); v.Fault != "" {
		t.Error(v.Fault)
	}
}

// TestAllOrNothing fails in the last of three entries: nothing of them is on disk, and the next commit fits the chain.
func TestAllOrNothing(t *testing.T) {
	b := lived(t)
	before := b.verify().Events
	entry := func(key string, n int) hall.Entry {
		at := b.at + hall.Millis(n)
		events, err := hall.Decide(b.s, hall.ReportDevice{Device: "d", Part: fmt.Sprint(n), State: "up"}, at, kiosk)
		if err != nil {
			t.Fatal(err)
		}
		events[0].Seq += uint64(n)
		return hall.Entry{Actor: kiosk, Key: key, Digest: "d", Answer: []byte("a"), At: at, Events: events}
	}
	err := b.d.Append([]hall.Entry{entry("x", 0), entry("y", 1), entry("x", 2)})
	var no sqlite3.Error
	if !errors.As(err, &no) || no.Code != sqlite3.ErrConstraint {
		t.Errorf("two answers to one key: %v", err)
	}
	if _, _, found, err := b.d.Answer(kiosk, "y"); found || err != nil {
		t.Errorf("an answer of the failed commit was kept, %v", err)
	}
	if got := b.verify(); got.Events != before || got.Fault != "" {
		t.Errorf("%+v, want %d events", got, before)
	}
	if err := b.d.Append([]hall.Entry{entry("x", 0), entry("y", 1)}); err != nil {
		t.Fatal(err)
	}
	if got := b.verify(); got.Events != before+2 || got.Fault != "" {
		t.Errorf("%+v, want %d events", got, before+2)
	}
}

// TestAnswers keeps what each actor's key was answered, the empty answer included.
func TestAnswers(t *testing.T) {
	b := newBook(t)
	put := func(actor hall.Actor, key, digest string, answer []byte) {
		t.Helper()
		if err := b.d.Append([]hall.Entry{{Actor: actor, Key: key, Digest: digest, Answer: answer, At: b.at}}); err != nil {
			t.Fatal(err)
		}
	}
	put(kiosk, "k", "d1", []byte("first"))
	put(li, "k", "d2", []byte("second"))
	put(li, "none", "d3", nil)
	put(li, "", "d4", []byte("without a key"))
	b.close()
	b.open()
	for _, c := range []struct {
		actor               hall.Actor
		key, digest, answer string
		found               bool
	}{
		{kiosk, "k", "d1", "first", true}, {li, "k", "d2", "second", true}, {li, "none", "d3", "", true},
		{kiosk, "none", "", "", false}, {li, "", "", "", false}, {"clerk", "k", "", "", false}, {kiosk, "K", "", "", false},
	} {
		answer, digest, found, err := b.d.Answer(c.actor, c.key)
		if err != nil || found != c.found || digest != c.digest || string(answer) != c.answer {
			t.Errorf("%s %q: %q %q %v %v", c.actor, c.key, answer, digest, found, err)
		}
	}
}

// TestAnswerWaitsForNobody: the loop looks up a key while a commit is under way and reports hold every reader.
func TestAnswerWaitsForNobody(t *testing.T) {
	b := newBook(t)
	if err := b.d.Append([]hall.Entry{{Actor: li, Key: "k", Digest: "d", Answer: []byte("first"), At: b.at}}); err != nil {
		t.Fatal(err)
	}
	tx, err := b.d.Writer().Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`DELETE FROM answers`); err != nil {
		t.Fatal(err)
	}
	for range b.d.Readers().Stats().MaxOpenConnections {
		c, err := b.d.Readers().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	if answer, digest, found, err := b.d.Answer(li, "k"); string(answer) != "first" || digest != "d" || !found || err != nil {
		t.Errorf("got %q %q %v %v", answer, digest, found, err)
	}
}

// TestAnswersAreForgotten when no client can still be trying: a key is a matter of minutes, and ten years of them would fill the disk.
// The last one stays, since a standby counts on from its place.
func TestAnswersAreForgotten(t *testing.T) {
	b := newBook(t)
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	put := func(key string) {
		t.Helper()
		if err := b.d.Append([]hall.Entry{{Actor: li, Key: key, Answer: []byte("{}"), At: b.at}}); err != nil {
			t.Fatal(err)
		}
	}
	const dayMS = 24 * 60 * 60 * 1000
	has := func(key string) bool {
		t.Helper()
		_, _, found, err := b.d.Answer(li, key)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	put("old")
	b.at += 6 * dayMS
	put("last week's")
	b.do(hall.System, hall.OpenDay{Day: "2025-06-10"})
	if !has("old") || !has("last week's") {
		t.Error("an answer of the last days is gone")
	}
	b.do(hall.System, hall.CloseDay{})
	b.at += 2 * dayMS
	b.do(hall.System, hall.OpenDay{Day: "2025-06-12"})
	if has("old") || !has("last week's") {
		t.Error("an answer of eight days ago is kept, or a newer one is gone")
	}
	b.do(hall.System, hall.CloseDay{})
	b.at += 14 * dayMS
	b.do(hall.System, hall.OpenDay{Day: "2025-06-26"})
	if !has("last week's") {
		t.Error("the last place is lost")
	}
}

// TestTickets reads back every ticket as the hall has it, of past days too.
func TestTickets(t *testing.T) {
	b := newBook(t)
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	b.day("2025-06-03")
	n := 0
	for _, e := range b.all {
		issued, ok := e.Body.(*hall.TicketIssued)
		if !ok {
			continue
		}
		n++
		want := b.s.Ticket(issued.Ticket)
		got, err := b.d.Ticket(t.Context(), issued.Ticket)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(hall.Ticket{})); err != nil || diff != "" {
			t.Errorf("%s: %v (-hall +disk):\n%s", issued.Ticket, err, diff)
		}
		if got, err := b.d.TicketByTrack(t.Context(), issued.Track); err != nil || got == nil || got.ID != want.ID {
			t.Errorf("%s by its track: %+v, %v", want.ID, got, err)
		}
	}
	if n != 8 {
		t.Errorf("%d tickets", n)
	}
	for _, find := range []func() (*hall.Ticket, error){
		func() (*hall.Ticket, error) { return b.d.Ticket(t.Context(), "20250603-Z999") },
		func() (*hall.Ticket, error) { return b.d.TicketByTrack(t.Context(), "' OR 1=1 --") },
	} {
		if got, err := find(); got != nil || err != nil {
			t.Errorf("found %+v, %v", got, err)
		}
	}
}

package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"yitang/db"
	"yitang/server/hall"
	"yitang/server/route"
)

const (
	kiosk hall.Actor  = "kiosk:1"
	li    hall.Actor  = "clerk:li"
	start hall.Millis = 1748916000000 // 2025-06-03 10:00 in Beijing
)

// book is a hall on disk with its state beside it, one command an entry.
type book struct {
	testing.TB
	dir string
	d   *db.DB
	s   *hall.State
	at  hall.Millis
	n   int
	all []hall.Event
}

func newBook(t testing.TB) *book {
	t.Helper()
	b := &book{TB: t, dir: t.TempDir(), s: hall.New(route.Rule{}), at: start}
	b.open()
	return b
}

func (b *book) open() {
	b.Helper()
	d, err := db.Open(b.dir)
	if err != nil {
		b.Fatal(err)
	}
	b.d = d
	b.Cleanup(func() { _ = d.Close() })
}

func (b *book) close() {
	b.Helper()
	if err := b.d.Close(); err != nil {
		b.Fatal(err)
	}
}

// do decides a command, applies it and puts it on disk; a minute passes.
func (b *book) do(by hall.Actor, c hall.Command) []hall.Event {
	b.Helper()
	b.at += 60_000
	events, err := hall.Decide(b.s, c, b.at, by)
	if err != nil {
		b.Fatalf("%T: %v", c, err)
	}
	entry := hall.Entry{Actor: by, At: b.at, Events: events}
	for i := range events {
		b.s.Apply(&events[i])
	}
	b.s.Touched(&entry)
	if err := b.d.Append([]hall.Entry{entry}); err != nil {
		b.Fatalf("%T: %v", c, err)
	}
	b.all = append(b.all, events...)
	return events
}

func (b *book) take(m ...hall.MatterCode) hall.TicketID {
	b.Helper()
	b.n++
	return b.do(kiosk, hall.Take{Matters: m, Priority: hall.Ordinary, Language: "zh", Channel: "kiosk", PersonKind: "id",
		Person: fmt.Sprint("pseudonym", b.n), Track: fmt.Sprint("track", b.n)})[0].Subject()
}

func layout(version string) hall.Layout {
	zh := func(s string) hall.Text { return hall.Text{"zh": s} }
	return hall.Layout{
		Version: version, Hall: "changji", Name: zh("大厅"), Zone: "Asia/Shanghai", Hours: hall.Hours{Always: true},
		Fields:  []hall.Field{{ID: "A", Name: zh("市场")}, {ID: "B", Name: zh("工程")}},
		Matters: []hall.Matter{{Code: "A-1", Name: zh("一"), Field: "A", Kind: hall.OnTheSpot}, {Code: "B-1", Name: zh("二"), Field: "B", Kind: hall.OnTheSpot}},
		Windows: []hall.WindowPlan{{ID: "1", Kind: hall.General, Fields: []hall.FieldID{"A", "B"}}, {ID: "2", Kind: hall.General, Fields: []hall.FieldID{"A"}}},
		Calling: hall.Calling{Policy: "fcfs"}, // the days below know who comes next
	}
}

// day plays a day with every kind of event, and closes it.
func (b *book) day(day hall.Day) {
	b.Helper()
	b.do(hall.System, hall.OpenDay{Day: day})
	b.do(li, hall.OpenWindow{Window: "1"})
	var ids []hall.TicketID
	for range 4 {
		ids = append(ids, b.take("A-1", "B-1"), b.take("B-1"))
	}
	one := hall.WindowID("1")
	b.do(kiosk, hall.ReportReceipt{Ticket: ids[0], State: hall.Failed, Reason: "paper_out"})
	b.do(kiosk, hall.ReportDevice{Device: "k1", Part: "printer", State: "down", Reason: string(day)})
	for _, acts := range [][]hall.Command{
		{hall.CallNext{Window: one}, hall.Recall{Window: one}, hall.Start{Window: one}, hall.Finish{Window: one}},
		{hall.CallNext{Window: one}, hall.Start{Window: one}, hall.Hold{Window: one, Reason: "copy"}, hall.ResumeTicket{Ticket: ids[1], Window: one}},
		{hall.Finish{Window: one, Outcomes: []hall.Outcome{{Matter: "B-1", Outcome: "accepted"}}}},
		{hall.CallNext{Window: one}, hall.Miss{Window: one}, hall.Reactivate{Ticket: ids[2]}},
		{hall.CallNext{Window: one}, hall.Transfer{Window: one, Field: "B", Reason: "wrong field"}},
		{hall.PauseWindow{Window: one, Reason: "lunch"}, hall.ResumeWindow{Window: one}},
		{hall.Cancel{Ticket: ids[7], Reason: "gave up"}, hall.CallNext{Window: one}},
	} {
		for _, c := range acts {
			b.do(li, c)
		}
	}
	b.desk(day, ids[1])
	b.do(hall.System, hall.CloseDay{})
}

// desk goes on with the case that ticket t has opened, and with what its holder thinks of it.
func (b *book) desk(day hall.Day, t hall.TicketID) {
	b.Helper()
	id := b.s.FindCase(b.s.Ticket(t).Person, "B-1").ID
	for _, step := range []hall.CaseStep{hall.StepSend, hall.StepReturn, hall.StepNotice} {
		b.do(li, hall.ActOnCase{Case: id, Step: step, Detail: hall.StepDetail{Today: day, Department: "行政审批局", Reason: "退回", Items: []string{"章程"}, Written: true}})
	}
	b.do(kiosk, hall.Rate{Ticket: t, Grade: 1, Reasons: []string{"slow"}, Text: "慢", Via: "phone"})
	b.do("manager:wu", hall.StepTask{Rating: hall.MakeRatingID(t, 2), State: hall.TaskVerified, Verified: "true", Text: "属实"})
	b.do(li, hall.LinkCase{Ticket: t, Leg: 2, Matter: "B-1", Case: id, Purpose: hall.Presence, Was: hall.Apply, Reason: "法定到场" + string(day)})
}

// lived is a hall with a layout and two days behind it; the second is followed by a third that is open.
func lived(t testing.TB) *book {
	t.Helper()
	b := newBook(t)
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	b.day("2025-06-03")
	b.do(hall.System, hall.AdoptLayout{Layout: layout("2")}) // between two days
	b.day("2025-06-04")
	b.do(hall.System, hall.OpenDay{Day: "2025-06-05"})
	b.take("A-1")
	return b
}

func (b *book) verify() db.Verdict {
	b.Helper()
	v, err := db.Verify(context.Background(), b.dir, route.Rule{}, nil)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// raw opens the file beside the hall, as somebody with a SQL shell would.
func (b *book) raw() *sql.DB {
	b.Helper()
	w, err := sql.Open("sqlite3", "file:"+filepath.Join(b.dir, db.File)+"?_busy_timeout=5000")
	if err != nil {
		b.Fatal(err)
	}
	w.SetMaxOpenConns(1)
	b.Cleanup(func() { _ = w.Close() })
	return w
}

// guards are the triggers of the journal, as the migration makes them.
const (
	keepUpdate = `CREATE TRIGGER events_keep_update BEFORE UPDATE ON events
WHEN NOT (OLD.purged = 0 AND NEW.seq = OLD.seq AND NEW.hall = OLD.hall AND NEW.day = OLD.day AND NEW.at = OLD.at
  AND NEW.actor = OLD.actor AND NEW.kind = OLD.kind AND NEW.version = OLD.version AND NEW.digest = OLD.digest AND NEW.hash = OLD.hash
  AND EXISTS (SELECT 1 FROM events WHERE seq = NEW.purged AND seq > OLD.seq AND kind = 'records_purged'))
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END`
	keepDelete = `CREATE TRIGGER events_keep_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END`
)

// tamper runs statements with the guards taken away and puts these back.
func (b *book) tamper(statements ...string) {
	b.Helper()
	w := b.raw()
	defer w.Close()
	for _, s := range append(append([]string{"DROP TRIGGER events_keep_update", "DROP TRIGGER events_keep_delete"}, statements...), keepUpdate, keepDelete) {
		if _, err := w.Exec(s); err != nil {
			b.Fatalf("%s: %v", s, err)
		}
	}
}

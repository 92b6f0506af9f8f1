package archive_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"yitang/db"
	"yitang/server/archive"
	"yitang/server/catalogue"
	"yitang/server/engine"
	"yitang/server/exchange"
	"yitang/server/hall"
	"yitang/server/route"
	"yitang/server/runonce"
)

// buffer is a file in memory.
type buffer struct{ bytes.Buffer }

func (*buffer) Close() error { return nil }

// clock is a hall's clock that a test moves.
type clock struct{ now time.Time }

// lived is a hall that worked from 3 to 5 June 2025.
type lived struct {
	testing.TB
	data   *db.DB
	eng    *engine.Engine
	layout hall.Layout
	clock  *clock
}

const clerk hall.Actor = "clerk:li"

func newLived(t *testing.T) *lived {
	t.Helper()
	l, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	l.Hours = hall.Hours{Always: true}
	l.Desk = hall.Desk{}
	h := &lived{TB: t, data: open(t, t.TempDir()), layout: *l, clock: &clock{time.Date(2025, 6, 3, 2, 0, 0, 0, time.UTC)}}
	t.Cleanup(func() { _ = h.data.Close() })
	if h.eng, err = engine.New(context.Background(), h.data, route.Rule{}, func() time.Time { return h.clock.now }, func(*hall.View) {}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.eng.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	h.do(hall.System, hall.AdoptLayout{Layout: h.layout})
	return h
}

// do does a command; a minute passes.
func (h *lived) do(by hall.Actor, c hall.Command) {
	h.Helper()
	h.clock.now = h.clock.now.Add(time.Minute)
	if _, err := h.eng.Do(context.Background(), engine.Request{Actor: by, Command: c}); err != nil {
		h.Fatalf("%T: %v", c, err)
	}
}

func (h *lived) day(d hall.Day, do func()) {
	h.Helper()
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		h.Fatal(err)
	}
	h.clock.now = at.Add(2 * time.Hour)
	h.do(hall.System, hall.OpenDay{Day: d})
	h.do(clerk, hall.OpenWindow{Window: "24"})
	do()
	h.do(hall.System, hall.CloseDay{})
}

// serve takes a ticket for a matter and ends it with an outcome at window 24.
func (h *lived) serve(person string, o hall.Outcome) {
	h.Helper()
	h.do("kiosk:1", hall.Take{Matters: []hall.MatterCode{o.Matter}, Priority: hall.Ordinary, Language: "zh", Channel: "kiosk",
		PersonKind: "id", Person: person, Track: person + string(rune('a'+h.clock.now.Minute()))})
	for _, c := range []hall.Command{hall.CallNext{Window: "24"}, hall.Start{Window: "24"}, hall.Finish{Window: "24", Outcomes: []hall.Outcome{o}}} {
		h.do(clerk, c)
	}
}

// month lives: li files completely, wang is told what is missing and comes again, zhao asks only.
func (h *lived) month() {
	h.Helper()
	m := h.layout.Matters[3].Code
	h.day("2025-06-03", func() {
		h.serve("li", hall.Outcome{Matter: m, Outcome: hall.OutcomeDone})
		h.serve("wang", hall.Outcome{Matter: m, Outcome: hall.OutcomeIncomplete, Missing: []string{"章程"}})
		h.serve("zhao", hall.Outcome{Matter: m, Outcome: hall.OutcomeConsultation})
	})
	h.day("2025-06-04", func() {})
	h.day("2025-06-05", func() {
		h.serve("wang", hall.Outcome{Matter: m, Outcome: hall.OutcomeDone})
		h.do("kiosk:1", hall.Take{Matters: []hall.MatterCode{m}, Priority: hall.Ordinary, Language: "zh", Channel: "kiosk",
			PersonKind: "id", Person: "qian", Track: "qian"})
	})
}

// TestOwnHall judges what a working hall knows of itself: two cases closed, one of them with two visits, left out of the
// law's rate because wang was told everything at once.
func TestOwnHall(t *testing.T) {
	h := newLived(t)
	h.month()
	q := runonce.Query{From: "2025-06-01", To: "2025-06-30", ReportDay: "2025-06-30"}
	r, err := runonce.Judge(*h.read(q), q)
	if err != nil {
		t.Fatal(err)
	}
	if r.All.N != 2 || *r.All.Once != 1 || r.Law.N != 1 || *r.Law.Once != 1 || r.Causes["R2"] != 1 || r.CaseVisits.Total != 3 {
		t.Errorf("%+v, causes %v", r, r.Causes)
	}
}

func (h *lived) read(q runonce.Query) *runonce.Data {
	h.Helper()
	d, err := archive.Select(context.Background(), h.data, q, &h.layout, beijing(h))
	if err != nil {
		h.Fatal(err)
	}
	return d
}

func beijing(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// inMemory is a writer of exchange files and what is written, by name.
func inMemory(t *testing.T) (*exchange.Writer, map[string]*buffer) {
	t.Helper()
	out := map[string]*buffer{}
	w, err := exchange.NewWriter(beijing(t), func(name string) (io.WriteCloser, error) {
		out[name] = &buffer{}
		return out[name], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, out
}

// TestExport writes a hall's imported history and its own; read again, they are judged alike.
func TestExport(t *testing.T) {
	h := newLived(t)
	h.month()
	past := example(t)
	_, err := archive.Import(context.Background(), h.data, past, beijing(t), t.TempDir(), nil, unsealed)
	if err == nil || !strings.Contains(err.Error(), "20250603-A001 is a number of this hall itself") {
		t.Fatalf("a number of the hall itself was imported: %v", err)
	}
	past["tickets.csv"].Data = bytes.ReplaceAll(past["tickets.csv"].Data, []byte("-A"), []byte("-Z"))
	if _, err := archive.Import(context.Background(), h.data, past, beijing(t), t.TempDir(), nil, unsealed); err != nil {
		t.Fatal(err)
	}
	writer, out := inMemory(t)
	if err := archive.ExportPast(context.Background(), h.data, writer, "", ""); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(exchange.Export(context.Background(), h.data, writer, 0, math.MaxInt64), writer.Close()); err != nil {
		t.Fatal(err)
	}
	if c, k, n := writer.Rows("cases.csv"), writer.Rows("tickets.csv"), writer.Rows("notices.csv"); c != 20 || k != 32 || n != 5 {
		t.Fatalf("%d cases, %d tickets, %d notices", c, k, n)
	}
	list, err := archive.AllStandards(context.Background(), h.data, &h.layout)
	if err != nil {
		t.Fatal(err)
	}
	out["matters.csv"] = &buffer{}
	if err := exchange.WriteStandards(out["matters.csv"], list); err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for name, text := range out {
		files[name] = &fstest.MapFile{Data: text.Bytes()}
	}
	again, err := exchange.Read(files, beijing(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries() {
		own := h.read(q)
		own.Journal = nil // exchange files hold tickets and cases only
		if diff := cmp.Diff(report(t, own, q), report(t, again, q)); diff != "" {
			t.Errorf("%+v: %s", q, diff)
		}
	}
}

// TestExportOfADay: a ticket of the day names no case that was opened later and is not written with it.
func TestExportOfADay(t *testing.T) {
	h := newLived(t)
	past := fstest.MapFS{}
	for name, text := range map[string]string{
		"cases.csv":   strings.Join(exchange.CaseColumns(), ",") + "\nC1,SCJG-004,p1,person,2024-06-10T10:00:00+08:00,,,,open,,,,,,\n",
		"tickets.csv": strings.Join(exchange.TicketColumns(), ",") + "\nT1,C1,SCJG-004,p1,self,Q,kiosk,1,a,,2024-06-03T10:00:00+08:00,,,,done\n",
		"notices.csv": strings.Join(exchange.NoticeColumns(), ",") + "\n", "referrals.csv": strings.Join(exchange.ReferralColumns(), ",") + "\n",
	} {
		past[name] = &fstest.MapFile{Data: []byte(text)}
	}
	if _, err := archive.Import(t.Context(), h.data, past, beijing(t), t.TempDir(), nil, unsealed); err != nil {
		t.Fatal(err)
	}
	writer, out := inMemory(t)
	if err := errors.Join(archive.ExportPast(t.Context(), h.data, writer, "2024-06-03", "2024-06-03"), writer.Close()); err != nil {
		t.Fatal(err)
	}
	if text := out["tickets.csv"].String(); writer.Rows("cases.csv") != 0 || !strings.Contains(text, "T1,,SCJG-004") {
		t.Errorf("%d cases, %s", writer.Rows("cases.csv"), text)
	}
}

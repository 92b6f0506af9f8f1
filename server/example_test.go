package server_test

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/exchange"
	"yitang/server/halltest"
	"yitang/server/halltest/casebook"
	"yitang/server/wire"
)

// TestWorkedExample plays the eighteen cases through the API with a clock that the test sets: people take tickets, clerks
// call and serve them, departments decide, an approval system says what it knows. The files exported afterwards must be
// the example's, row by row, and give its figures. TestWorkedExampleThroughThePages plays the same script in a browser.
func TestWorkedExample(t *testing.T) {
	p := newPlay(t)
	for _, s := range p.book.Scenes() {
		p.newDay(s.Day())
		p.clock.ms.Store(s.At.UnixMilli())
		p.do(&s)
	}
	p.newDay("2025-06-30")
	p.Stop()
	p.Verify()
	out := t.TempDir()
	p.export(out)
	faults, err := p.book.Compare(out, beijing(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Error(f)
	}
}

// play is the example being played.
type play struct {
	*halltest.Hall
	t      *testing.T
	book   *casebook.Book
	clock  clock
	tokens map[string]string // of clerks by name
	open   map[string]bool   // windows opened today
	day    string
}

func newPlay(t *testing.T) *play {
	book, err := casebook.Read("exchange/testdata/example")
	if err != nil {
		t.Fatal(err)
	}
	p := &play{t: t, book: book, tokens: map[string]string{}}
	p.Hall = halltest.With(t, casebook.Layout(halltest.Layout(t, 0)))
	p.accounts()
	p.clock.set(t, "2025-06-03 09:00")
	p.Now = p.clock.now
	p.Start()
	return p
}

func (p *play) accounts() {
	data, err := db.Open(p.Dir)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, name := range casebook.Clerks() {
		p.tokens[name] = account.NewToken()
		err = errors.Join(err, data.PutAccount(p.t.Context(), account.Account{User: name, Name: name, Role: account.Clerk}),
			data.PutToken(p.t.Context(), account.Token{Digest: account.Digest(p.tokens[name]), User: name, Made: time.Now()}))
	}
	if err := errors.Join(err, data.Close()); err != nil {
		p.t.Fatal(err)
	}
}

// newDay closes the day before and opens the next; windows are opened when they are needed.
func (p *play) newDay(day string) {
	if day == p.day {
		return
	}
	manager := p.Tokens[account.Manager]
	if p.day != "" {
		p.clock.set(p.t, p.day+" 23:00")
		p.Post(200, manager, "/api/v1/day/close", "", nil)
	}
	p.clock.set(p.t, day+" 09:00")
	p.Post(200, manager, "/api/v1/day/open", "", nil)
	p.day, p.open = day, map[string]bool{}
}

// at posts a clerk's act at a window, which is opened where it is not yet.
func (p *play) at(window, act string, body any) halltest.Answer {
	if !p.open[window] {
		p.open[window] = true
		p.at(window, "open", nil)
	}
	return p.Post(200, p.tokens[casebook.ClerkOf(window)], "/api/v1/windows/"+window+"/"+act, "", body)
}

func (p *play) do(s *casebook.Scene) {
	guide, manager := p.Tokens[account.Guide], p.Tokens[account.Manager]
	onTicket := func(id, act string) { p.Post(200, guide, "/api/v1/tickets/"+id+"/"+act, "", nil) }
	onCase := func(act string, in wire.CaseAct) {
		p.Post(200, manager, "/api/v1/cases/"+p.book.Cases[s.Case()]+"/"+act, "", in)
	}
	switch s.Act {
	case casebook.Take:
		token := map[bool]string{true: p.Tokens[account.Kiosk], false: guide}[s.AtKiosk]
		p.book.Tickets[s.Ticket] = halltest.Into[wire.Ticket](p.Hall, p.Post(201, token, "/api/v1/tickets", "", s.Take)).ID
	case casebook.Return:
		onTicket(p.book.Sent(s), "resume")
	case casebook.Abandon, casebook.Cancel:
		onTicket(p.book.Tickets[s.Ticket], string(s.Act))
	case casebook.Call:
		if got := halltest.Into[wire.NextResponse](p.Hall, p.at(s.Window, "next", nil)).Ticket.ID; !p.book.Called(s, got) {
			p.t.Fatalf("window %s called %s, not %s", s.Window, got, s.Ticket)
		}
	case casebook.Start:
		p.at(s.Window, "start", nil)
	case casebook.Transfer:
		p.at(s.Window, "transfer", wire.TransferRequest{Window: s.To, Later: true, Reason: "应在" + s.To + "办理"})
	case casebook.Finish:
		p.finish(s)
	case casebook.Decide:
		onCase("decide", s.Decision)
		onCase("ready", wire.CaseAct{})
	case casebook.Withdraw:
		onCase("end", wire.CaseAct{End: "withdrawn"})
	case casebook.Mail:
		onCase("deliver", wire.CaseAct{How: "mail"})
	case casebook.Put:
		want := map[bool]int{true: 201, false: 200}[s.First]
		a := p.Send(halltest.Request{Method: "PUT", Path: "/api/v1/cases/" + s.Case(), Token: p.Tokens[account.Platform], Body: s.Put})
		if a.Status != want {
			p.t.Fatalf("PUT: %d %s", a.Status, a.Body)
		}
	}
}

func (p *play) finish(s *casebook.Scene) {
	got := halltest.Into[wire.FinishResponse](p.Hall, p.at(s.Window, "finish", wire.FinishRequest{Outcomes: s.Outcomes}))
	for _, o := range got.Outcomes {
		if o.Derived != "" {
			p.t.Errorf("%s: the purpose does not follow by itself: %+v", s.Ticket, o)
		}
	}
	p.book.Finished(s, got.Outcomes)
}

func (p *play) export(dir string) {
	data, err := db.Reader(p.t.Context(), p.Dir)
	if err != nil {
		p.t.Fatal(err)
	}
	defer data.Close()
	w, err := exchange.NewWriter(beijing(p.t), func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(dir, name)) })
	if err != nil {
		p.t.Fatal(err)
	}
	if err := errors.Join(exchange.Export(p.t.Context(), data, w, 0, math.MaxInt64), w.Close()); err != nil {
		p.t.Fatal(err)
	}
}

package demo_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"yitang/demo"
	"yitang/server/catalogue"
	"yitang/server/hall"
	"yitang/server/wire"
)

// office is a hall in memory with the rules that matter to people and clerks: first come first served among the fields
// of a window, one ticket in a hand, and refusals as the API gives them.
type office struct {
	t       *testing.T
	clock   *demo.Clock
	layout  *hall.Layout
	matters map[string]hall.Matter

	mu       sync.Mutex
	down     bool // nobody answers
	issued   []*wire.Ticket
	waiting  []*wire.Ticket
	windows  map[wire.WindowID]*wire.Window
	acts     map[string]int
	outcomes map[string]int
	requests []demo.Request
	priority map[string]wire.WindowID // held tickets that came back, by the window that calls them
	calls    []call
}

// call is a first call of a ticket.
type call struct {
	window wire.WindowID
	field  string
	issued time.Time
	waited time.Duration
}

var errDown = fmt.Errorf("test: %w", wire.ErrNoAnswer)

func newOffice(t *testing.T, clock *demo.Clock) *office {
	t.Helper()
	l, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, clock: clock, layout: l, matters: map[string]hall.Matter{}, windows: map[wire.WindowID]*wire.Window{},
		acts: map[string]int{}, outcomes: map[string]int{}, priority: map[string]wire.WindowID{}}
	for _, m := range l.Matters {
		o.matters[string(m.Code)] = m
	}
	for _, w := range l.Windows {
		o.windows[wire.WindowID(w.ID)] = &wire.Window{ID: string(w.ID), State: "closed"}
	}
	return o
}

func refusal(code hall.Code) error {
	return &wire.Error{Status: http.StatusConflict, Code: string(code), Message: "refused"}
}

// act counts a request and answers for the office: down, or the lock held.
func (o *office) act(name string, do func() error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.acts[name]++
	if o.down {
		return errDown
	}
	return do()
}

func (o *office) setDown(down bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.down = down
}

func (o *office) Take(_ context.Context, r demo.Request) (wire.Ticket, error) {
	var out wire.Ticket
	err := o.act("take", func() error {
		o.requests = append(o.requests, r)
		now := o.clock.Now()
		t := &wire.Ticket{ID: fmt.Sprintf("T%05d", len(o.issued)), State: "waiting", IssuedAt: now,
			Field: string(o.matters[string(r.Matters[0])].Field)}
		for _, m := range r.Matters {
			t.Matters = append(t.Matters, string(m))
		}
		t.Remaining = slices.Clone(t.Matters)
		o.issued, o.waiting = append(o.issued, t), append(o.waiting, t)
		out = *t
		return nil
	})
	return out, err
}

func (o *office) windowAct(w wire.WindowID, name, from, to string, deny hall.Code) (wire.Window, error) {
	var out wire.Window
	err := o.act(name, func() error {
		win := o.windows[w]
		switch win.State {
		case to:
		case from:
			if win.Ticket != nil && to != "open" {
				return refusal(hall.CodeTicketInHand)
			}
			win.State = to
		default:
			return refusal(deny)
		}
		out = *win
		if win.Ticket != nil {
			t := *win.Ticket
			out.Ticket = &t
		}
		return nil
	})
	return out, err
}

func (o *office) Open(_ context.Context, w wire.WindowID) (wire.Window, error) {
	return o.windowAct(w, "open", "closed", "open", hall.CodeWindowPaused)
}

func (o *office) Pause(_ context.Context, w wire.WindowID, _ wire.PauseRequest) (wire.Window, error) {
	return o.windowAct(w, "pause", "open", "paused", hall.CodeWindowClosed)
}

func (o *office) ResumeWindow(_ context.Context, w wire.WindowID) (wire.Window, error) {
	return o.windowAct(w, "resume window", "paused", "open", hall.CodeWindowClosed)
}

func (o *office) CloseWindow(_ context.Context, w wire.WindowID) (wire.Window, error) {
	return o.windowAct(w, "close", "open", "closed", hall.CodeWindowPaused)
}

func (o *office) Next(_ context.Context, w wire.WindowID) (*wire.NextResponse, error) {
	var out *wire.NextResponse
	err := o.act("next", func() error {
		win := o.windows[w]
		switch {
		case win.State != "open":
			return refusal(hall.CodeWindowClosed)
		case win.Ticket != nil:
			return refusal(hall.CodeTicketInHand)
		}
		i := slices.IndexFunc(o.waiting, func(t *wire.Ticket) bool { return o.mayCall(w, t) })
		if i < 0 {
			return nil
		}
		t := o.waiting[i]
		o.waiting = slices.Delete(o.waiting, i, i+1)
		now := o.clock.Now()
		if t.CalledAt == nil {
			o.calls = append(o.calls, call{w, t.Field, t.IssuedAt, now.Sub(t.IssuedAt)})
		}
		t.State, t.Window, t.Calls, t.CalledAt = "called", string(w), 1, &now
		win.Ticket = t
		out = &wire.NextResponse{Ticket: *t}
		return nil
	})
	return out, err
}

func (o *office) mayCall(w wire.WindowID, t *wire.Ticket) bool {
	if only, ok := o.priority[t.ID]; ok {
		return only == w
	}
	i := slices.IndexFunc(o.layout.Windows, func(p hall.WindowPlan) bool { return wire.WindowID(p.ID) == w })
	return o.layout.Windows[i].Serves(hall.FieldID(t.Field))
}

// inHand changes the ticket in a window's hand, which must be in one of the given states.
func (o *office) inHand(w wire.WindowID, name string, states []string, do func(*wire.Window, *wire.Ticket)) (wire.Ticket, error) {
	var out wire.Ticket
	err := o.act(name, func() error {
		win := o.windows[w]
		if win.Ticket == nil {
			return refusal(hall.CodeNoTicketInHand)
		}
		if !slices.Contains(states, win.Ticket.State) {
			o.t.Errorf("%s at window %s: the ticket is %s", name, w, win.Ticket.State)
			return refusal(hall.CodeNotStarted)
		}
		t := win.Ticket
		do(win, t)
		out = *t
		return nil
	})
	return out, err
}

func (o *office) Recall(_ context.Context, w wire.WindowID) (wire.Ticket, error) {
	return o.inHand(w, "recall", []string{"called"}, func(_ *wire.Window, t *wire.Ticket) { t.Calls++ })
}

func (o *office) NoShow(_ context.Context, w wire.WindowID) (wire.Ticket, error) {
	return o.inHand(w, "no-show", []string{"called"}, func(win *wire.Window, t *wire.Ticket) {
		if t.Calls != 3 {
			o.t.Errorf("a no-show after %d calls", t.Calls)
		}
		o.drop(win, "no_show")
	})
}

func (o *office) Start(_ context.Context, w wire.WindowID) (wire.Ticket, error) {
	return o.inHand(w, "start", []string{"called"}, func(_ *wire.Window, t *wire.Ticket) {
		now := o.clock.Now()
		t.State, t.StartedAt = "serving", &now
	})
}

func (o *office) Hold(_ context.Context, w wire.WindowID, r wire.HoldRequest) (wire.Ticket, error) {
	return o.inHand(w, "hold", []string{"serving"}, func(win *wire.Window, t *wire.Ticket) {
		t.Note = r.Reason
		o.drop(win, "held")
	})
}

func (o *office) Transfer(_ context.Context, w wire.WindowID, r wire.TransferRequest) (wire.Ticket, error) {
	return o.inHand(w, "transfer", []string{"serving"}, func(win *wire.Window, t *wire.Ticket) {
		if r.Field == t.Field || r.Field == "" {
			o.t.Errorf("transferred from field %s to %q", t.Field, r.Field)
		}
		t.Note, t.Field = r.Reason, r.Field
		o.drop(win, "waiting")
		o.waiting = slices.Insert(o.waiting, 0, t)
	})
}

func (o *office) Finish(_ context.Context, w wire.WindowID, r wire.FinishRequest) (wire.Ticket, error) {
	return o.inHand(w, "finish", []string{"serving"}, func(win *wire.Window, t *wire.Ticket) {
		for _, x := range r.Outcomes {
			if !slices.Contains(t.Remaining, x.Matter) {
				o.t.Errorf("an outcome for %s, which %s does not have", x.Matter, t.ID)
			}
			o.outcomes[string(o.matters[x.Matter].Kind)+" "+x.Outcome]++
			t.Remaining = slices.DeleteFunc(t.Remaining, func(m string) bool { return m == x.Matter })
		}
		if len(t.Remaining) == 0 {
			now := o.clock.Now()
			t.EndedAt = &now
			o.drop(win, "done")
			return
		}
		t.Field, t.Note = string(o.matters[t.Remaining[0]].Field), "next_matter"
		o.drop(win, "waiting")
		o.waiting = slices.Insert(o.waiting, 0, t)
	})
}

// drop empties a hand.
func (o *office) drop(win *wire.Window, state string) {
	win.Ticket.State = state
	win.Ticket = nil
}

func (o *office) Resume(_ context.Context, id wire.TicketID, r wire.ResumeRequest) (wire.Ticket, error) {
	var out wire.Ticket
	err := o.act("resume", func() error {
		i := slices.IndexFunc(o.issued, func(t *wire.Ticket) bool { return t.ID == string(id) })
		if i < 0 || o.issued[i].State != "held" {
			return refusal(hall.CodeNotHeld)
		}
		t := o.issued[i]
		t.State = "waiting"
		o.priority[t.ID] = wire.WindowID(r.Window)
		o.waiting = slices.Insert(o.waiting, 0, t)
		out = *t
		return nil
	})
	return out, err
}

// look reads the office under its lock.
func (o *office) look(read func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	read()
}

func (o *office) states() map[string]int {
	n := map[string]int{}
	o.look(func() {
		for _, t := range o.issued {
			n[t.State]++
		}
	})
	return n
}

func (o *office) stations() map[hall.WindowID]demo.Station {
	out := map[hall.WindowID]demo.Station{}
	for _, w := range demo.Staffed(o.layout) {
		out[w] = o
	}
	return out
}

var (
	_ demo.Station = (*office)(nil)
	_ demo.Kiosk   = (*office)(nil)
)

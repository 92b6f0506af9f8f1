package hall_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/bits"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"yitang/server/hall"
)

// TestHallAgainstAModel lets chance run the hall for some days and holds it, command by command, against the model
// and against what must always be true.
func TestHallAgainstAModel(t *testing.T) {
	checks(t, 25)
	rapid.Check(t, func(r *rapid.T) {
		x := &machine{T: r, s: hall.New(firstCome{}), m: newModel(), at: ten, ids: []hall.TicketID{"20250603-X001"}, numbers: map[hall.TicketID]bool{}}
		x.run(hall.AdoptLayout{Layout: relieved()}, hall.System)
		x.run(hall.OpenDay{Day: today, IssueUntil: ten + 600*min1}, hall.System)
		for _, w := range []struct {
			id hall.WindowID
			by hall.Actor
		}{{"1", li}, {"2", wang}, {"4", "clerk:zhao"}} {
			x.run(hall.OpenWindow{Window: w.id}, w.by)
		}
		r.Repeat(map[string]func(*rapid.T){
			"commands": func(r *rapid.T) {
				for range 10 {
					x.at += pick(r, "pass", 0, 0, 0, 1000, 30_000, 3*min1, 11*min1, -min1)
					x.run(x.draw(r))
					x.compare()
				}
				x.keep()
			},
			"restart": func(r *rapid.T) {
				if pick(r, "now", true, false, false, false) {
					x.restart()
				}
			},
		})
		x.restart()
		for _, e := range x.events {
			if b, ok := e.Body.(*hall.LayoutAdopted); ok && !slices.ContainsFunc(layouts(), func(l hall.Layout) bool { return diff(l, b.Layout) == "" }) {
				r.Fatalf("the hall changed a layout: %+v", b.Layout)
			}
		}
		for i := range x.kept {
			if !same(x.kept[i], x.copies[i]) {
				r.Fatalf("a view of event %d changed later (-then +now):\n%s", x.copies[i].Seq, diff(x.copies[i], x.kept[i]))
			}
		}
	})
}

// checks is how often rapid runs a property that takes long, unless -rapid.checks says so.
func checks(t *testing.T, n int) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	if was := f.Value.String(); was == f.DefValue {
		if err := f.Value.Set(strconv.Itoa(n)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := f.Value.Set(was); err != nil {
				t.Error(err)
			}
		})
	}
}

// machine is the hall, the model beside it, and what was seen on the way.
type machine struct {
	*rapid.T
	s       *hall.State
	m       *model
	at      hall.Millis
	events  []hall.Event
	ids     []hall.TicketID        // of today, and a wrong one
	numbers map[hall.TicketID]bool // ever issued
	kept    []*hall.View
	copies  []*hall.View
}

// run carries out a command in both, and compares what came of it.
func (x *machine) run(c hall.Command, by hall.Actor) {
	before := deepCopy(x.s.View())
	events, err := hall.Decide(x.s, c, x.at, by)
	if after := x.s.View(); !same(before, after) {
		x.Fatalf("deciding %T changed the hall (-before +after):\n%s", c, diff(before, after))
	}
	callable := 0
	if next, ok := c.(hall.CallNext); ok && x.m.find(next.Window) != nil {
		callable = len(x.m.callable(x.m.find(next.Window)))
	}
	got, want := did{event: len(events) > 0}, x.m.do(c, x.at, by)
	if no := (*hall.Error)(nil); errors.As(err, &no) {
		got.code = no.Code
	} else if err != nil {
		x.Fatalf("%T: %v", c, err)
	}
	if got != want {
		x.Fatalf("%T%+v by %s: %+v, the model says %+v", c, c, by, got, want)
	}
	for i := range events {
		x.see(&events[i], callable)
	}
}

// see applies an event and checks what the events themselves must hold to.
func (x *machine) see(e *hall.Event, callable int) {
	if e.Seq != x.s.Seq()+1 || e.At < x.s.Now() || e.Hall != "changji" || e.Day != x.m.day && e.Body.Kind() != hall.KindLayoutAdopted {
		x.Fatalf("after event %d at %d of %s comes %+v", x.s.Seq(), x.s.Now(), x.m.day, e)
	}
	if b, ok := e.Body.(*hall.WindowAsked); ok {
		if w := x.s.Window(b.Window); w.State != hall.Closed || w.Asked != nil || b.Waiting < 1 {
			x.Fatalf("%+v, but the window is %+v", b, w)
		}
	}
	x.s.Apply(e)
	x.events = append(x.events, *e)
	switch b := e.Body.(type) {
	case *hall.DayOpened:
		x.ids = x.ids[:1]
	case *hall.TicketIssued:
		if x.numbers[b.Ticket] {
			x.Fatalf("%s was issued twice", b.Ticket)
		}
		x.numbers[b.Ticket] = true
		x.ids = append(x.ids, b.Ticket)
	case *hall.TicketCalled:
		if b.Why.Candidates != callable {
			x.Fatalf("%s was chosen of %d, not of %d", b.Ticket, b.Why.Candidates, callable)
		}
	}
}

// restart rebuilds the hall from its journal, through the bytes on disk, and goes on with the new one.
func (x *machine) restart() {
	again := hall.New(firstCome{})
	for i := range x.events {
		e := x.events[i]
		payload, err := json.Marshal(e.Body)
		if err != nil {
			x.Fatal(err)
		}
		if e.Body, err = hall.DecodeBody(e.Body.Kind(), payload); err != nil {
			x.Fatal(err)
		}
		again.Apply(&e)
	}
	if a, b := x.s.View(), again.View(); !same(a, b) {
		x.Fatalf("the replay differs (-hall +replay):\n%s", diff(a, b))
	}
	for _, id := range x.ids {
		if a, b := x.s.Ticket(id), again.Ticket(id); !same(a, b) {
			x.Fatalf("the replay differs in %s (-hall +replay):\n%s", id, diff(a, b))
		}
	}
	x.s = again
}

func (x *machine) keep() {
	v := x.s.View()
	x.kept, x.copies = append(x.kept, v), append(x.copies, deepCopy(v))
}

// compare holds the hall against the model, and the view against itself.
func (x *machine) compare() {
	v := x.s.View()
	x.places(v)
	x.glances(v)
	x.floor(v)
	if want, got := x.m.picture(), pictureOf(v, x.s, x.ids); !reflect.DeepEqual(want, got) {
		x.Fatalf("the hall is not the model's (-model +hall):\n%s", diff(want, got))
	}
}

// places wants every ticket in exactly one place, the newest version of it, and the totals to be their sums.
func (x *machine) places(v *hall.View) {
	var sum hall.Totals
	seen := map[hall.TicketID]bool{}
	at := func(t *hall.Ticket, state hall.TicketState, n *int) {
		if seen[t.ID] || t.State != state || x.s.Ticket(t.ID) != t {
			x.Fatalf("%s (%s) stands in two places, in the wrong one, or as it was before", t.ID, t.State)
		}
		seen[t.ID] = true
		*n++
	}
	for _, q := range v.Queues {
		for i, t := range q.Waiting {
			at(t, hall.Waiting, &sum.Waiting)
			if t.For != "" || t.Field != q.Field.ID || v.Ahead(t) != i {
				x.Fatalf("%+v is number %d in the queue of %s, with %d ahead", t, i, q.Field.ID, v.Ahead(t))
			}
		}
	}
	for id, list := range v.AtWindow {
		for i, t := range list {
			at(t, hall.Waiting, &sum.Waiting)
			if w := v.Window(id); t.For != id || v.Ahead(t) != i || w == nil || w.State == hall.Closed {
				x.Fatalf("%+v is number %d at window %s: %+v", t, i, id, w)
			}
		}
	}
	for _, w := range v.Windows {
		switch {
		case w.Ticket == nil:
		case w.Ticket.State == hall.Called:
			at(w.Ticket, hall.Called, &sum.Called)
		default:
			at(w.Ticket, hall.Serving, &sum.Serving)
		}
	}
	for _, t := range v.Held {
		at(t, hall.Held, &sum.Held)
	}
	for _, t := range slices.Concat(v.Missed, v.Failed) {
		if x.s.Ticket(t.ID) != t {
			x.Fatalf("%s is shown as it was before: %+v", t.ID, t)
		}
	}
	x.sum(v, sum, seen)
}

// glances wants what the state says at a glance to be what the view says.
func (x *machine) glances(v *hall.View) {
	for i := range v.Windows {
		w := &v.Windows[i]
		if got := x.s.Window(w.Plan.ID); got == nil || *got != *w || x.s.Plan(w.Plan.ID) != w.Plan {
			x.Fatalf("window %s: %+v, in the view %+v", w.Plan.ID, got, w)
		}
	}
	for _, id := range x.ids {
		if t := x.s.Ticket(id); t != nil && (x.s.Ahead(t) != v.Ahead(t) || t.Day() != x.m.day) {
			x.Fatalf("%s of %s: %d ahead, in the view %d", id, t.Day(), x.s.Ahead(t), v.Ahead(t))
		}
	}
	day, open := x.s.Day()
	if day != v.Day || open != v.Open || x.s.Layout() != v.Layout || x.s.Window("99") != nil || x.s.Plan("99") != nil {
		x.Fatalf("%s, %v", day, open)
	}
}

// sum adds the tickets that stand nowhere because they have ended.
func (x *machine) sum(v *hall.View, sum hall.Totals, seen map[hall.TicketID]bool) {
	for _, id := range x.ids {
		t := x.s.Ticket(id)
		if t == nil {
			continue
		}
		sum.Issued++
		if seen[id] {
			continue
		}
		switch t.State {
		case hall.Done:
			sum.Done++
		case hall.NoShow:
			sum.NoShow++
		case hall.Abandoned:
			sum.Abandoned++
		case hall.Cancelled:
			sum.Cancelled++
		default:
			x.Fatalf("%s is %s and stands nowhere", id, t.State)
		}
	}
	if sum != v.Totals {
		x.Fatalf("totals %+v, counted %+v", v.Totals, sum)
	}
}

// picture is what the model and the hall must agree on.
type picture struct {
	Day                  hall.Day
	Open                 bool
	Queues               map[hall.FieldID][]string
	Served               map[hall.FieldID]int
	AtWindow             map[hall.WindowID][]string
	Windows              []string
	Held, Missed, Failed []string
	Calls                []string
	Tickets              map[hall.TicketID]string
	Devices              int
}

func (m *model) picture() picture {
	p := picture{Day: m.day, Open: m.open, Queues: map[hall.FieldID][]string{}, Served: map[hall.FieldID]int{},
		AtWindow: map[hall.WindowID][]string{}, Tickets: map[hall.TicketID]string{}, Devices: len(m.devices)}
	names := func(list []*mTicket) []string {
		var out []string
		for _, t := range list {
			out = append(out, t.number)
		}
		return out
	}
	for _, f := range m.layout.Fields {
		p.Queues[f.ID] = names(m.queue(func(t *mTicket) bool { return t.sentTo == "" && t.field == f.ID }))
		p.Served[f.ID] = m.served[f.ID]
	}
	for _, w := range m.windows {
		if list := m.queue(func(t *mTicket) bool { return t.sentTo == w.plan.ID }); len(list) > 0 {
			p.AtWindow[w.plan.ID] = names(list)
		}
		hand := ""
		if w.hand != nil {
			hand = w.hand.number
		}
		p.Windows = append(p.Windows, fmt.Sprintf("%s %s %s %q %d %s", w.plan.ID, w.state, w.clerk, hand, w.served, w.asked))
	}
	p.Held, p.Missed, p.Failed = names(m.held), names(last(m.missed, 50)), names(last(m.failed, 50))
	for _, t := range m.calls {
		p.Calls = append(p.Calls, fmt.Sprintf("%s at %s, call %d: %s", t.number, t.shown.window, t.shown.calls, t.state))
	}
	for _, t := range m.tickets {
		at := hall.WindowID("")
		if t.at != nil {
			at = t.at.plan.ID
		}
		p.Tickets[t.id] = fmt.Sprintf("%s %s %v %s %s at %q leg %d calls %d: %d %d %d %d %v %q", t.number, t.field, t.left, t.priority,
			t.state, at, t.leg, t.calls, t.issued, t.called, t.began, t.ended, t.reactivated, t.print)
	}
	return p
}

func pictureOf(v *hall.View, s *hall.State, ids []hall.TicketID) picture {
	p := picture{Day: v.Day, Open: v.Open, Queues: map[hall.FieldID][]string{}, Served: map[hall.FieldID]int{},
		AtWindow: map[hall.WindowID][]string{}, Tickets: map[hall.TicketID]string{}, Devices: len(v.Devices),
		Held: numbers(v.Held), Missed: numbers(v.Missed), Failed: numbers(v.Failed)}
	for _, q := range v.Queues {
		p.Queues[q.Field.ID], p.Served[q.Field.ID] = numbers(q.Waiting), q.Served
	}
	for id, list := range v.AtWindow {
		if len(list) > 0 {
			p.AtWindow[id] = numbers(list)
		}
	}
	for _, w := range v.Windows {
		hand := ""
		if w.Ticket != nil {
			hand = w.Ticket.Number
		}
		asked := hall.FieldID("")
		if w.Asked != nil {
			asked = w.Asked.Field
		}
		p.Windows = append(p.Windows, fmt.Sprintf("%s %s %s %q %d %s", w.Plan.ID, w.State, w.Clerk, hand, w.Served, asked))
	}
	for _, c := range v.Calls {
		p.Calls = append(p.Calls, fmt.Sprintf("%s at %s, call %d: %s", c.Number, c.Window, c.Calls, c.State))
	}
	for _, id := range ids {
		if t := s.Ticket(id); t != nil {
			p.Tickets[id] = fmt.Sprintf("%s %s %v %s %s at %q leg %d calls %d: %d %d %d %d %v %q", t.Number, t.Field, t.Remaining, t.Priority,
				t.State, t.Window, t.Leg, t.Calls, t.IssuedAt, t.CalledAt, t.StartedAt, t.EndedAt, t.Reactivated, t.Print)
		}
	}
	return p
}

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

// pick draws one of a list, each as likely as the next. Rapid's own generators favour the first ones so much that a
// day seldom got past its first tickets.
func pick[T any](r *rapid.T, what string, list ...T) T {
	return rapid.Custom(func(r *rapid.T) T {
		n := 0
		for range bits.Len(uint(len(list))) + 3 {
			n *= 2
			if rapid.Bool().Draw(r, "bit") {
				n++
			}
		}
		return list[n%len(list)]
	}).Draw(r, what)
}

// act is a command with who gives it.
type act struct {
	cmd hall.Command
	by  hall.Actor
}

// draw makes up a command: mostly one that makes sense, else any.
func (x *machine) draw(r *rapid.T) (hall.Command, hall.Actor) {
	likely := x.likely(r)
	if len(likely) > 0 && pick(r, "sense", true, true, true, true, true, true, false) {
		a := pick(r, "likely", likely...)
		return a.cmd, a.by
	}
	w := pick[hall.WindowID](r, "window", "1", "2", "3", "4", "5", "99")
	by := pick(r, "actor", li, wang, "clerk:zhao", desk)
	if at := x.m.find(w); at != nil && at.clerk != "" && pick(r, "its own clerk", true, true, false) {
		by = at.clerk
	}
	return pick(r, "command", x.any(r, w, pick(r, "ticket", x.ids...))...), by
}

// likely is what a hall in this state goes on to do.
func (x *machine) likely(r *rapid.T) []act {
	if !x.m.open {
		return []act{{x.morning(), hall.System}, {hall.ReopenDay{Day: x.m.day}, desk}}
	}
	out := []act{{x.take(r), desk}, {x.take(r), desk}, {x.take(r), desk}, {hall.Relieve{}, hall.System}}
	if due := x.s.View().ReliefDue(x.at); due {
		out = append(out, act{hall.Relieve{}, hall.System}, act{hall.Relieve{}, hall.System})
	}
	for _, w := range x.m.windows {
		id, by := w.plan.ID, w.clerk
		mine := func(cmds ...hall.Command) {
			for _, c := range cmds {
				out = append(out, act{c, by})
			}
		}
		switch {
		case w.state == hall.Paused:
			mine(hall.ResumeWindow{Window: id})
		case w.state == hall.Closed:
			out = append(out, act{hall.OpenWindow{Window: id}, pick(r, "clerk", li, wang)})
		case w.hand == nil:
			mine(hall.CallNext{Window: id}, hall.CallNext{Window: id})
			for _, t := range x.m.held {
				mine(hall.ResumeTicket{Ticket: t.id, Window: id})
			}
		case w.hand.state == hall.Called:
			mine(hall.Start{Window: id}, hall.Start{Window: id}, hall.Miss{Window: id}, hall.Recall{Window: id},
				hall.Finish{Window: id}, x.transfer(r, id))
		default:
			mine(hall.Finish{Window: id}, hall.Finish{Window: id}, hall.Hold{Window: id}, x.transfer(r, id))
		}
	}
	for _, t := range x.m.held {
		out = append(out, act{hall.ResumeTicket{Ticket: t.id}, desk})
	}
	for _, t := range last(x.m.missed, 3) {
		out = append(out, act{hall.Reactivate{Ticket: t.id}, desk})
	}
	return out
}

// any is every command, however foolish now.
func (x *machine) any(r *rapid.T, w hall.WindowID, id hall.TicketID) []hall.Command {
	out := []hall.Command{
		hall.Relieve{}, x.take(r), x.transfer(r, w), hall.AdoptLayout{Layout: pick(r, "layout", layouts()...)},
		hall.PlanLayout{Layout: pick(r, "planned", layouts()...)}, hall.PlanLayout{Withdraw: true},
		hall.ResumeTicket{Ticket: id}, hall.ResumeTicket{Ticket: id, Window: w}, hall.Reactivate{Ticket: id}, hall.Cancel{Ticket: id},
		hall.ReportDevice{Device: "k1", Part: pick(r, "part", "printer", "reader"), State: pick(r, "state", "up", "down")},
		hall.OpenDay{Day: pick(r, "day", today, tomorrow)},
		hall.CallNext{Window: w}, hall.Start{Window: w}, hall.Finish{Window: w}, hall.Miss{Window: w}, hall.Hold{Window: w},
		hall.Recall{Window: w}, hall.OpenWindow{Window: w}, hall.PauseWindow{Window: w}, hall.ResumeWindow{Window: w}, hall.CloseWindow{Window: w},
	}
	for range 3 {
		out = append(out, hall.ReportReceipt{Ticket: id, State: pick(r, "print", hall.Printed, hall.Sent, hall.Failed, hall.Uncertain)})
	}
	if pick(r, "evening", true, false, false) {
		out = append(out, hall.CloseDay{}, hall.ReopenDay{Day: x.m.day})
	}
	return out
}

// morning opens the day after the last one.
func (x *machine) morning() hall.OpenDay {
	days := 0
	for _, e := range x.events {
		if e.Body.Kind() == hall.KindDayOpened {
			days++
		}
	}
	return hall.OpenDay{Day: hall.Day(fmt.Sprintf("2025-06-%02d", days+3)), IssueUntil: x.at + 600*min1}
}

func (x *machine) transfer(r *rapid.T, w hall.WindowID) hall.Transfer {
	later := pick(r, "later", false, false, true)
	if pick(r, "to a window", true, false) {
		return hall.Transfer{Window: w, Later: later, To: pick[hall.WindowID](r, "to", "1", "2", "3", "4", "99")}
	}
	return hall.Transfer{Window: w, Later: later, Field: pick[hall.FieldID](r, "field", "A", "B", "C", "Z")}
}

func (x *machine) take(r *rapid.T) hall.Take {
	c := ticketFor()
	for range pick(r, "matters", 1, 1, 2, 3) {
		m := pick[hall.MatterCode](r, "matter", "A-1", "A-2", "B-1", "B-2", "C-1", "D-1")
		if !slices.Contains(c.Matters, m) {
			c.Matters = append(c.Matters, m)
		}
	}
	c.Priority = pick(r, "priority", hall.Ordinary, hall.Elderly, hall.ByAppointment)
	return c
}

// relieved is the tests' hall with rules for more windows.
func relieved() hall.Layout {
	l := layout()
	l.Reliefs = []hall.Relief{{Field: "C", Waiting: 1, OverMin: 3, Window: "3"}, {Field: "A", Waiting: 2, OverMin: 10, Window: "1"}}
	return l
}

// layouts are what a hall may change to: other skills, a window less, a window and a field more, a matter less.
func layouts() []hall.Layout {
	skills, fewer, more, poorer := layout(), layout(), layout(), layout()
	skills.Windows[0].Fields = []hall.FieldID{"C", "B"}
	fewer.Windows = fewer.Windows[:3]
	more.Windows = append(more.Windows, hall.WindowPlan{ID: "5", Kind: hall.General, Fields: []hall.FieldID{"D", "A"}})
	more.Fields = append(more.Fields, hall.Field{ID: "D", Name: hall.Text{"zh": "民生"}})
	more.Matters = append(more.Matters, hall.Matter{Code: "D-1", Name: hall.Text{"zh": "D-1"}, Field: "D", Kind: hall.OnTheSpot})
	poorer.Matters = poorer.Matters[:4]
	more.Reliefs = []hall.Relief{{Field: "D", Waiting: 1, OverMin: 2, Window: "5"}, {Field: "A", Waiting: 3, OverMin: 5, Window: "4"}}
	return []hall.Layout{layout(), relieved(), skills, fewer, more, poorer}
}

package hall_test

import (
	"cmp"
	"fmt"
	"slices"

	"yitang/server/hall"
)

// model is the hall once more, as naively as the doc comment of Decide and the hall's terms can be put: slices that
// are searched and sorted for every question. The property test holds the real one against it.
type model struct {
	layout  hall.Layout
	planned *hall.Layout
	now     hall.Millis // of the last event
	day     hall.Day
	open    bool
	until   hall.Millis
	counter map[hall.FieldID]int
	served  map[hall.FieldID]int
	tickets []*mTicket // of the day, as issued
	windows []*mWindow // as the layout lists them
	held    []*mTicket // in the order in which it happened, as are the next two
	missed  []*mTicket
	failed  []*mTicket
	calls   []*mTicket // without their earlier calls
	devices map[string]string
}

type mTicket struct {
	id                           hall.TicketID
	number                       string
	field                        hall.FieldID
	left                         []hall.MatterCode
	priority                     hall.Priority
	state                        hall.TicketState
	first                        bool // stands before all that do not come back from a hold
	nth                          int  // of the day's tickets
	at                           *mWindow
	sentTo                       hall.WindowID
	leg, calls                   int
	issued, called, began, ended hall.Millis
	reactivated                  bool
	cut                          hall.TicketState // what the end of the day ended it in
	sentOn                       bool             // held by a transfer for later
	shown                        struct {         // on the screens
		window hall.WindowID
		calls  int
	}
	print hall.PrintState
}

type mWindow struct {
	plan   hall.WindowPlan
	state  hall.WindowState
	clerk  hall.Actor
	hand   *mTicket
	served int
	asked  hall.FieldID // the field that wants it opened, or none
}

func newModel() *model {
	return &model{counter: map[hall.FieldID]int{}, served: map[hall.FieldID]int{}, devices: map[string]string{}}
}

// did is what a command came to: refused with a code, or accepted with or without something happening.
type did struct {
	code  hall.Code
	event bool
}

func no(code hall.Code) did { return did{code: code} }

func happened() did { return did{event: true} }

func nothing() did { return did{} }

// do carries out a command at a time that never lies before the last event.
func (m *model) do(c hall.Command, at hall.Millis, by hall.Actor) did {
	now := max(m.now, at)
	out := m.decide(c, now, by)
	if out.event {
		m.now = now
	}
	return out
}

func (m *model) decide(c hall.Command, now hall.Millis, by hall.Actor) did {
	switch c := c.(type) {
	case hall.PlanLayout:
		return m.plan(c)
	case hall.AdoptLayout:
		return m.adopt(c.Layout, now)
	case hall.OpenDay:
		return m.openDay(c)
	case hall.CloseDay:
		return m.closeDay(now)
	case hall.ReopenDay:
		return m.reopenDay(c, now)
	case hall.Take:
		return m.take(c, now)
	case hall.ReportDevice:
		if m.devices[c.Part] == c.State {
			return nothing()
		}
		m.devices[c.Part] = c.State
		return happened()
	case hall.Relieve:
		return m.relieve(now)
	case hall.ResumeTicket:
		return m.resume(c, now, by)
	case hall.Reactivate:
		return m.reactivate(c.Ticket, now)
	case hall.Cancel:
		return m.cancel(c.Ticket, now)
	case hall.ReportReceipt:
		return m.receipt(c)
	case hall.OpenWindow:
		if !m.open {
			return no(hall.CodeHallClosed)
		}
		return m.window(c.Window, by, func(w *mWindow) did { return w.open(by) })
	case hall.PauseWindow:
		return m.window(c.Window, by, (*mWindow).pause)
	case hall.ResumeWindow:
		return m.window(c.Window, by, (*mWindow).unpause)
	case hall.CloseWindow:
		return m.window(c.Window, by, m.closeWindow)
	case hall.CallNext:
		return m.window(c.Window, by, func(w *mWindow) did { return m.next(w, now) })
	case hall.Recall:
		return m.hand(c.Window, by, func(_ *mWindow, t *mTicket) did { return m.recall(t) })
	case hall.Start:
		return m.hand(c.Window, by, func(_ *mWindow, t *mTicket) did { return t.start(now) })
	case hall.Miss:
		return m.hand(c.Window, by, func(w *mWindow, t *mTicket) did { return m.miss(w, t, now) })
	case hall.Hold:
		return m.hand(c.Window, by, func(w *mWindow, t *mTicket) did { return m.hold(w, t, now) })
	case hall.Transfer:
		return m.hand(c.Window, by, func(w *mWindow, t *mTicket) did { return m.transfer(c, w, t, now) })
	case hall.Finish:
		return m.hand(c.Window, by, func(w *mWindow, t *mTicket) did { return m.finish(w, t, now) })
	}
	panic(fmt.Sprintf("the model does not know %T", c))
}

// find is a window by its number, or nil.
func (m *model) find(id hall.WindowID) *mWindow {
	for _, w := range m.windows {
		if w.plan.ID == id {
			return w
		}
	}
	return nil
}

func (m *model) ticket(id hall.TicketID) *mTicket {
	for _, t := range m.tickets {
		if t.id == id {
			return t
		}
	}
	return nil
}

func (m *model) matter(c hall.MatterCode) *hall.Matter {
	for i := range m.layout.Matters {
		if m.layout.Matters[i].Code == c {
			return &m.layout.Matters[i]
		}
	}
	return nil
}

// window lets an act happen at a window that is the clerk's or closed.
func (m *model) window(id hall.WindowID, by hall.Actor, act func(w *mWindow) did) did {
	w := m.find(id)
	switch {
	case w == nil:
		return no(hall.CodeNotFound)
	case w.state != hall.Closed && w.clerk != by:
		return no(hall.CodeWindowTaken)
	}
	return act(w)
}

// hand lets an act happen on the ticket in the hand of an open window.
func (m *model) hand(id hall.WindowID, by hall.Actor, act func(w *mWindow, t *mTicket) did) did {
	return m.window(id, by, func(w *mWindow) did {
		if code := w.notOpen(); code != "" {
			return no(code)
		}
		if w.hand == nil {
			return no(hall.CodeNoTicketInHand)
		}
		return act(w, w.hand)
	})
}

func (w *mWindow) notOpen() hall.Code {
	switch w.state {
	case hall.Closed:
		return hall.CodeWindowClosed
	case hall.Paused:
		return hall.CodeWindowPaused
	}
	return ""
}

func (w *mWindow) open(by hall.Actor) did {
	switch w.state {
	case hall.Open:
		return nothing()
	case hall.Paused:
		return no(hall.CodeWindowPaused)
	}
	w.state, w.clerk, w.asked = hall.Open, by, ""
	return happened()
}

func (w *mWindow) pause() did {
	switch {
	case w.state == hall.Closed:
		return no(hall.CodeWindowClosed)
	case w.state == hall.Paused:
		return nothing()
	case w.hand != nil:
		return no(hall.CodeTicketInHand)
	}
	w.state = hall.Paused
	return happened()
}

func (w *mWindow) unpause() did {
	switch w.state {
	case hall.Closed:
		return no(hall.CodeWindowClosed)
	case hall.Open:
		return nothing()
	}
	w.state = hall.Open
	return happened()
}

func (m *model) closeWindow(w *mWindow) did {
	switch {
	case w.state == hall.Closed:
		return nothing()
	case w.hand != nil:
		return no(hall.CodeTicketInHand)
	}
	for _, t := range m.tickets {
		if t.state == hall.Waiting && t.sentTo == w.plan.ID {
			t.sentTo = ""
		}
	}
	w.state, w.clerk = hall.Closed, ""
	return happened()
}

func (m *model) relieve(now hall.Millis) did {
	out := nothing()
	for _, w := range m.windows {
		if !m.open {
			continue
		}
		rule, late := hall.Relief{}, 0
		for _, r := range m.layout.Reliefs {
			if r.Window == w.plan.ID {
				rule = r
			}
		}
		for _, t := range m.tickets {
			if t.state == hall.Waiting && t.sentTo == "" && t.field == rule.Field && now-t.issued > hall.Millis(rule.OverMin)*min1 {
				late++
			}
		}
		switch {
		case w.asked != "" && (w.asked != rule.Field || late == 0):
			w.asked, out = "", happened()
		case w.asked == "" && rule.Field != "" && w.state == hall.Closed && late >= rule.Waiting:
			w.asked, out = rule.Field, happened()
		}
	}
	return out
}

func (m *model) plan(c hall.PlanLayout) did {
	switch {
	case c.Withdraw && m.planned == nil:
		return nothing()
	case c.Withdraw:
		m.planned = nil
		return happened()
	case c.Layout.Hall != m.layout.Hall:
		return no(hall.CodeInvalid)
	}
	m.planned = &c.Layout
	return happened()
}

func (m *model) adopt(l hall.Layout, now hall.Millis) did {
	if m.open && !m.fits(l, now) {
		return no(hall.CodeLayoutInUse)
	}
	old := *m
	m.layout, m.windows, m.planned = l, nil, nil
	for _, p := range l.Windows {
		w := old.find(p.ID)
		if w == nil {
			w = &mWindow{state: hall.Closed}
		}
		w.plan = p
		m.windows = append(m.windows, w)
	}
	return happened()
}

// fits: nobody who works, waits or may come back loses a window, a matter or a field.
func (m *model) fits(l hall.Layout, now hall.Millis) bool {
	next := &model{layout: l}
	for _, w := range m.windows {
		if w.state != hall.Closed && !slices.ContainsFunc(l.Windows, func(p hall.WindowPlan) bool { return p.ID == w.plan.ID }) {
			return false
		}
	}
	for _, t := range m.tickets {
		stays := t.alive() || t.state == hall.NoShow && !t.reactivated && now <= t.ended+10*min1
		if !stays {
			continue
		}
		if !next.has(t.field) || slices.ContainsFunc(t.left, func(c hall.MatterCode) bool { return next.matter(c) == nil }) {
			return false
		}
	}
	return true
}

func (m *model) has(f hall.FieldID) bool {
	return slices.ContainsFunc(m.layout.Fields, func(x hall.Field) bool { return x.ID == f })
}

func (t *mTicket) alive() bool {
	return t.state == hall.Waiting || t.state == hall.Called || t.state == hall.Serving || t.state == hall.Held
}

func (m *model) openDay(c hall.OpenDay) did {
	switch {
	case len(m.layout.Matters) == 0:
		return no(hall.CodeNoCatalogue)
	case m.open:
		return no(hall.CodeDayOpen)
	case c.Day <= m.day:
		return no(hall.CodeInvalid)
	}
	if m.planned != nil {
		m.adopt(*m.planned, m.now)
	}
	m.day, m.open, m.until = c.Day, true, c.IssueUntil
	m.tickets, m.held, m.missed, m.failed, m.calls = nil, nil, nil, nil, nil
	clear(m.counter)
	clear(m.served)
	for _, w := range m.windows {
		w.served = 0
	}
	return happened()
}

func (m *model) closeDay(now hall.Millis) did {
	if !m.open {
		return no(hall.CodeHallClosed)
	}
	for _, t := range m.tickets {
		switch t.state {
		case hall.Waiting, hall.Held:
			was := t.state
			m.move(t, hall.Abandoned)
			t.ended, t.cut = now, was
		case hall.Called:
			m.miss(t.at, t, now)
		case hall.Serving:
			m.end(t.at, t, now)
		}
	}
	for _, w := range m.windows {
		w.state, w.clerk, w.asked = hall.Closed, "", ""
	}
	m.open = false
	return happened()
}

func (m *model) reopenDay(c hall.ReopenDay, now hall.Millis) did {
	switch {
	case m.open:
		return no(hall.CodeDayOpen)
	case m.day == "":
		return no(hall.CodeHallClosed)
	case c.Day != m.day:
		return no(hall.CodeTooLate)
	}
	m.open = true
	for _, t := range m.tickets {
		if t.state != hall.Abandoned || t.cut == "" || !m.has(t.field) || slices.ContainsFunc(t.left, func(c hall.MatterCode) bool { return m.matter(c) == nil }) {
			continue
		}
		if t.ended = 0; t.cut == hall.Held {
			m.move(t, hall.Held)
			t.ended = now
		} else {
			m.wait(t, t.first, "")
		}
		t.cut = ""
	}
	return happened()
}

func (m *model) take(c hall.Take, now hall.Millis) did {
	if !m.open || m.until != 0 && now >= m.until {
		return no(hall.CodeHallClosed)
	}
	for _, code := range c.Matters {
		if m.matter(code) == nil {
			return no(hall.CodeUnknownMatter)
		}
	}
	f := m.matter(c.Matters[0]).Field
	m.counter[f]++
	number := fmt.Sprintf("%s%03d", f, m.counter[f])
	m.tickets = append(m.tickets, &mTicket{
		id: hall.TicketID(string(m.day[:4]) + string(m.day[5:7]) + string(m.day[8:]) + "-" + number), number: number,
		field: f, left: c.Matters, priority: c.Priority, state: hall.Waiting, nth: len(m.tickets), issued: now,
	})
	return happened()
}

// move changes a ticket's state and the lists of those that are held or missed.
func (m *model) move(t *mTicket, to hall.TicketState) {
	gone := func(x *mTicket) bool { return x == t }
	m.held, m.missed = slices.DeleteFunc(m.held, gone), slices.DeleteFunc(m.missed, gone)
	t.state = to
	switch to {
	case hall.Held:
		m.held = append(m.held, t)
	case hall.NoShow:
		m.missed = append(m.missed, t)
	}
}

// queue is what waits, in the order of the tickets, those that come back from a hold first.
func (m *model) queue(which func(t *mTicket) bool) []*mTicket {
	var out []*mTicket
	for _, t := range m.tickets {
		if t.state == hall.Waiting && which(t) {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b *mTicket) int {
		if a.first != b.first {
			if a.first {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.nth, b.nth)
	})
	return out
}

// callable is what a window may call.
func (m *model) callable(w *mWindow) []*mTicket {
	return m.queue(func(t *mTicket) bool {
		return t.sentTo == w.plan.ID || t.sentTo == "" && slices.Contains(w.plan.Fields, t.field)
	})
}

func (m *model) next(w *mWindow, now hall.Millis) did {
	if code := w.notOpen(); code != "" {
		return no(code)
	}
	if w.hand != nil {
		return no(hall.CodeTicketInHand)
	}
	list := m.callable(w)
	if len(list) == 0 {
		return nothing()
	}
	t := list[0]
	m.move(t, hall.Called)
	t.leg++
	t.at, t.calls, t.called, t.began, t.ended = w, 1, now, 0, 0
	w.hand = t
	m.announce(t)
	return happened()
}

func (m *model) announce(t *mTicket) {
	t.shown.window, t.shown.calls = t.at.plan.ID, t.calls
	m.calls = append(slices.DeleteFunc(m.calls, func(x *mTicket) bool { return x == t }), t)
	for len(m.calls) > 40 { // the oldest that somebody has followed goes
		i := slices.IndexFunc(m.calls, func(x *mTicket) bool { return x.state != hall.Called })
		if i < 0 {
			return
		}
		m.calls = slices.Delete(m.calls, i, i+1)
	}
}

func (m *model) recall(t *mTicket) did {
	if t.state == hall.Serving {
		return no(hall.CodeAlreadyServing)
	}
	t.calls++
	m.announce(t)
	return happened()
}

func (t *mTicket) start(now hall.Millis) did {
	if t.state == hall.Serving {
		return no(hall.CodeAlreadyServing)
	}
	t.state, t.began, t.sentTo = hall.Serving, now, ""
	return happened()
}

func (m *model) miss(w *mWindow, t *mTicket, now hall.Millis) did {
	if t.state == hall.Serving {
		return no(hall.CodeAlreadyServing)
	}
	m.move(t, hall.NoShow)
	t.ended, w.hand = now, nil
	return happened()
}

func (m *model) hold(w *mWindow, t *mTicket, now hall.Millis) did {
	if t.state != hall.Serving {
		return no(hall.CodeNotStarted)
	}
	m.move(t, hall.Held)
	t.ended, w.hand = now, nil
	return happened()
}

// wait puts a ticket back among the waiting, as if it had never been called in this leg.
func (m *model) wait(t *mTicket, first bool, sentTo hall.WindowID) {
	m.move(t, hall.Waiting)
	t.first, t.sentTo, t.calls, t.called, t.began, t.ended = first, sentTo, 0, 0, 0, 0
}

func (m *model) transfer(c hall.Transfer, w *mWindow, t *mTicket, now hall.Millis) did {
	switch to := m.find(c.To); {
	case (c.Field == "") == (c.To == ""), c.To == c.Window:
		return no(hall.CodeInvalid)
	case c.Field != "" && !m.has(c.Field), c.To != "" && to == nil:
		return no(hall.CodeNotFound)
	case c.To != "" && to.state == hall.Closed && !c.Later:
		return no(hall.CodeWindowClosed)
	}
	if c.Field != "" {
		t.field = c.Field
	}
	m.leave(w, t)
	if c.Later {
		m.move(t, hall.Held)
		t.sentOn, t.sentTo, t.calls, t.called, t.began, t.ended = true, c.To, 0, 0, 0, now
		return happened()
	}
	m.wait(t, false, c.To)
	return happened()
}

// leave takes a ticket out of a window's hand; one that was being served counts for the window.
func (m *model) leave(w *mWindow, t *mTicket) {
	if t.state == hall.Serving {
		w.served++
	}
	w.hand = nil
}

func (m *model) finish(w *mWindow, t *mTicket, now hall.Millis) did {
	t.start(now)
	var left []hall.MatterCode
	for _, c := range t.left {
		if !slices.Contains(w.plan.Fields, m.matter(c).Field) {
			left = append(left, c)
		}
	}
	if len(left) == 0 || len(left) == len(t.left) {
		m.end(w, t, now)
		return happened()
	}
	t.left, t.field = left, m.matter(left[0]).Field
	m.leave(w, t)
	m.wait(t, false, "")
	return happened()
}

func (m *model) end(w *mWindow, t *mTicket, now hall.Millis) {
	m.leave(w, t)
	m.move(t, hall.Done)
	t.left, t.ended = nil, now
	m.served[t.field]++
}

// staffed is the window unless it is closed or gone.
func (m *model) staffed(id hall.WindowID) hall.WindowID {
	if w := m.find(id); w != nil && w.state != hall.Closed {
		return id
	}
	return ""
}

func (m *model) resume(c hall.ResumeTicket, now hall.Millis, by hall.Actor) did {
	t := m.ticket(c.Ticket)
	switch {
	case t == nil:
		return no(hall.CodeNotFound)
	case t.state != hall.Held:
		return no(hall.CodeNotHeld)
	case c.Window == "" && t.sentOn:
		t.sentOn = false
		m.wait(t, false, m.staffed(t.sentTo))
		return happened()
	case c.Window == "":
		m.wait(t, true, m.staffed(t.at.plan.ID))
		return happened()
	}
	return m.window(c.Window, by, func(w *mWindow) did {
		if code := w.notOpen(); code != "" {
			return no(code)
		}
		if w.hand != nil {
			return no(hall.CodeTicketInHand)
		}
		m.move(t, hall.Serving)
		t.leg++
		t.at, t.called, t.began, t.ended, t.sentOn, t.sentTo = w, now, now, 0, false, ""
		w.hand = t
		return happened()
	})
}

func (m *model) reactivate(id hall.TicketID, now hall.Millis) did {
	t := m.ticket(id)
	switch {
	case t == nil:
		return no(hall.CodeNotFound)
	case t.state != hall.NoShow:
		return no(hall.CodeNotMissed)
	case !m.open:
		return no(hall.CodeHallClosed)
	case t.reactivated:
		return no(hall.CodeAlreadyReactivated)
	case now > t.ended+10*min1:
		return no(hall.CodeTooLate)
	}
	t.reactivated = true
	m.wait(t, false, m.staffed(t.sentTo))
	return happened()
}

func (m *model) cancel(id hall.TicketID, now hall.Millis) did {
	t := m.ticket(id)
	switch {
	case t == nil:
		return no(hall.CodeNotFound)
	case t.state == hall.Called, t.state == hall.Serving:
		return no(hall.CodeInHand)
	case !m.open, t.state == hall.Done, t.state == hall.Abandoned, t.state == hall.Cancelled:
		return no(hall.CodeEnded)
	}
	m.move(t, hall.Cancelled)
	t.ended = now
	return happened()
}

func (m *model) receipt(c hall.ReportReceipt) did {
	t := m.ticket(c.Ticket)
	switch {
	case t == nil:
		return no(hall.CodeNotFound)
	case t.print == c.State && c.State != hall.Failed && c.State != hall.Uncertain:
		return nothing()
	}
	t.print = c.State
	m.failed = slices.DeleteFunc(m.failed, func(x *mTicket) bool { return x == t })
	if c.State == hall.Failed || c.State == hall.Uncertain {
		m.failed = append(m.failed, t)
	}
	return happened()
}

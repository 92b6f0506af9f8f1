package route

import (
	"slices"

	"yitang/server/hall"
)

// Coming is a ticket that a window would call, and why.
type Coming struct {
	Ticket *hall.Ticket
	Why    hall.Why
}

// Line lists whom a window would call one after the other if it were free, time stood still and nothing else happened:
// at most n. It is empty for a window that the layout lacks. Only the strict policy's quota may differ in the live hall,
// which remembers the calls before.
func Line(v *hall.View, id hall.WindowID, now hall.Millis, n int) []Coming {
	no := hall.PostNo(slices.IndexFunc(v.Windows, func(w hall.Window) bool { return w.Plan.ID == id }))
	if no < 0 {
		return nil
	}
	l := newLook(v, no)
	var list []Coming
	for len(list) < n {
		var seen []Seen
		c := look(l.floor, no, now, func(h Seen) { seen = append(seen, h) })
		if c.Need == nil {
			break
		}
		t := l.TicketByOrder(c.Stand.Order)
		list = append(list, Coming{Ticket: t, Why: explain(l, no, c, seen, t, now)})
		l.floor.Remove(c.Need, c.Class, c.Stand)
		l.floor.Called(no, c.Passed)
	}
	return list
}

// sight is a hall as the rule and its explanation need it: the State's own, or one made from a View.
type sight interface {
	Floor() *hall.Floor
	Layout() *hall.Layout
	TicketByOrder(order uint64) *hall.Ticket
}

var _ sight = (*hall.State)(nil)

// looked is a hall made from a View.
type looked struct {
	floor   *hall.Floor
	layout  *hall.Layout
	tickets map[uint64]*hall.Ticket
}

func (l *looked) Floor() *hall.Floor                      { return l.floor }
func (l *looked) Layout() *hall.Layout                    { return l.layout }
func (l *looked) TicketByOrder(order uint64) *hall.Ticket { return l.tickets[order] }

// newLook puts windows and waiting tickets on a floor, with one window free.
func newLook(v *hall.View, free hall.PostNo) *looked {
	l := &looked{floor: v.Layout.Floor(), layout: v.Layout, tickets: map[uint64]*hall.Ticket{}}
	for i := range v.Windows {
		w := &v.Windows[i]
		switch {
		case hall.PostNo(i) == free, w.State == hall.Open && w.Ticket == nil:
			l.floor.Set(hall.PostNo(i), hall.PostFree, w.Since)
		case w.State == hall.Open:
			l.floor.Set(hall.PostNo(i), hall.PostBusy, w.Since)
		}
	}
	matters := make(map[hall.MatterCode]*hall.Matter, len(v.Layout.Matters))
	for i := range v.Layout.Matters {
		matters[v.Layout.Matters[i].Code] = &v.Layout.Matters[i]
	}
	for i := range v.Queues {
		l.wait(v.Queues[i].Waiting, matters)
	}
	for _, q := range v.AtWindow {
		l.wait(q, matters)
	}
	return l
}

func (l *looked) wait(list []*hall.Ticket, matters map[hall.MatterCode]*hall.Matter) {
	for _, t := range list {
		since := t.Place
		if since == 0 {
			since = hall.First
		}
		l.tickets[t.Order] = t
		l.floor.Add(l.layout.Wants(l.floor, matters, t), t.Priority.Class(), hall.Stand{Since: since, Order: t.Order})
	}
}

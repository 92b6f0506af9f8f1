package hall

import (
	"slices"
	"sort"
)

// View is the hall at one moment, for every reader outside the engine: nothing in it ever changes.
type View struct {
	Seq      uint64
	At       Millis
	Day      Day
	Open     bool
	Until    Millis // no ticket is issued from then on
	ByHand   bool   // a person ended the day, not its time
	Layout   *Layout
	Planned  *Layout // from the next business day on, or nil
	Queues   []Queue // by field, as the layout lists them
	AtWindow map[WindowID][]*Ticket
	Windows  []Window
	Held     []*Ticket
	Missed   []*Ticket
	Failed   []*Ticket // with a receipt that failed or is uncertain, oldest first
	Calls    []Call    // oldest first
	Devices  []Device
	Totals   Totals
	Screens  *Screens
	// Appointments are the booked ones, and what was settled of this day and later, in the order of slots.
	Appointments []*Appointment
}

// Queue is what waits for one field.
type Queue struct {
	Field   *Field
	Waiting []*Ticket // in order
	Served  int       // finished today
}

// Window is a window with what happens at it.
type Window struct {
	Plan   *WindowPlan
	State  WindowState
	Clerk  Actor
	Reason string
	Until  Millis // of a pause, as the clerk said; 0 = not said
	Since  Millis
	Free   Millis  // since when it has been open with nobody; 0 while it is not
	Ticket *Ticket // in hand, or nil
	Last   *Ticket // served here last, or nil
	Served int
	Asked  *Asked // the hall wants it opened, or nil
}

// Call is a ticket called to a window.
type Call struct {
	Seq    uint64
	Ticket TicketID
	Number string
	Field  FieldID
	Window WindowID
	Calls  int
	At     Millis
	State  TicketState // filled in by View
}

// Device is the last report of a device's part.
type Device struct {
	Device, Part, State, Reason, Note string
	Since                             Millis
}

// Totals counts the day's tickets.
type Totals struct {
	Issued, Waiting, Called, Serving, Held, Done, NoShow, Abandoned, Cancelled int
}

func (n *Totals) of(s TicketState) *int {
	switch s {
	case Waiting:
		return &n.Waiting
	case Called:
		return &n.Called
	case Serving:
		return &n.Serving
	case Held:
		return &n.Held
	case Done:
		return &n.Done
	case NoShow:
		return &n.NoShow
	case Abandoned:
		return &n.Abandoned
	}
	return &n.Cancelled
}

// View takes a picture of the state. It costs O(fields + windows), however many wait.
func (s *State) View() *View {
	v := &View{
		Seq: s.seq, At: s.at, Day: s.day, Open: s.open, Until: s.until, ByHand: s.byHand(), Layout: s.layout, Planned: s.planned,
		AtWindow: map[WindowID][]*Ticket{}, Held: s.held, Missed: s.missed, Failed: s.failed,
		Calls: slices.Clone(s.calls), Devices: s.devices, Totals: s.totals,
		Screens: s.screens, Appointments: s.appointments,
	}
	s.devicesShown = true
	for i := range s.layout.Fields {
		f := &s.layout.Fields[i]
		v.Queues = append(v.Queues, Queue{Field: f, Waiting: ensure(s.byField, f.ID).list(), Served: s.served[f.ID]})
	}
	for id, q := range s.byWindow {
		v.AtWindow[id] = q.list()
	}
	for _, id := range s.order {
		v.Windows = append(v.Windows, *s.Window(id))
	}
	for i := range v.Calls {
		v.Calls[i].State = s.tickets[v.Calls[i].Ticket].State
	}
	return v
}

// Queue returns what waits for a field, or nil.
func (v *View) Queue(f FieldID) *Queue {
	for i := range v.Queues {
		if v.Queues[i].Field.ID == f {
			return &v.Queues[i]
		}
	}
	return nil
}

// Window returns a window, or nil.
func (v *View) Window(id WindowID) *Window {
	for i := range v.Windows {
		if v.Windows[i].Plan.ID == id {
			return &v.Windows[i]
		}
	}
	return nil
}

// Ahead counts the waiting tickets that stand before t; 0 when t does not wait.
func (v *View) Ahead(t *Ticket) int {
	if t.State != Waiting {
		return 0
	}
	if t.For != "" {
		return ahead(v.AtWindow[t.For], t)
	}
	if q := v.Queue(t.Field); q != nil {
		return ahead(q.Waiting, t)
	}
	return 0
}

func ahead(list []*Ticket, t *Ticket) int {
	return sort.Search(len(list), func(i int) bool { return !list[i].before(t) })
}

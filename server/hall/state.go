package hall

import (
	"cmp"
	"slices"

	"yitang/server/workday"
)

// State is the hall on one business day. It belongs to one goroutine; others read a View.
type State struct {
	rule     Rule
	seq      uint64
	at       Millis
	day      Day
	open     bool
	endedBy  Actor // who ended the day, which is System when its time had come
	until    Millis
	layout   *Layout
	planned  *Layout // from the next business day on, or nil
	matters  map[MatterCode]*Matter
	order    []WindowID // windows as the layout lists them
	tickets  map[TicketID]*Ticket
	persons  map[string][]TicketID // of the day, by pseudonym
	windows  map[WindowID]*window
	byField  map[FieldID]*queue
	byWindow map[WindowID]*queue
	issued   map[FieldID]int
	served   map[FieldID]int
	held     []*Ticket
	missed   []*Ticket
	calls    []Call
	failed   []*Ticket
	totals   Totals
	devices  []Device // in the order of device and part
	floor    *Floor   // who waits and which windows work, as the rule sees them
	byOrder  map[uint64]TicketID
	touched  map[TicketID][]touched // cases that the service of a ticket has changed so far
	screens  *Screens
	workdays workday.Calendar
	files    files
	tasks    tasks
	leads    map[LeadID]*Lead // all that somebody has touched: a few hundred a year

	appointments []*Appointment                   // booked ones, and what was settled of this day and later, in the order of slots
	missedOf     map[string]map[AppointmentID]Day // no-shows by pseudonym

	devicesShown bool // by a view, so that the list must be copied before it changes
}

// window is a window of the layout with what happens at it.
type window struct {
	plan   *WindowPlan
	state  WindowState
	clerk  Actor
	reason string
	until  Millis // of a pause, as the clerk said; 0 = not said
	since  Millis
	ticket TicketID
	last   TicketID // served here last
	served int
	undo   *undo  // the last finish, or nil
	asked  *Asked // to be opened, or nil; never of a window that works

	post      PostNo
	freeSince Millis
}

// WindowState is whether a window works.
type WindowState string

// The states of a window.
const (
	Open   WindowState = "open"
	Paused WindowState = "paused"
	Closed WindowState = "closed"
)

// Bounds of what a state keeps at hand.
const (
	maxCalls  = 40 // recent calls for the screens, beside those that nobody has followed yet
	maxMissed = 50 // recent no-shows
	maxFailed = 50 // receipts that failed or are uncertain
)

// New returns an empty hall that calls by the rule.
func New(rule Rule) *State {
	s := &State{rule: rule, screens: DefaultScreens(), files: newFiles(), tasks: newTasks(), leads: map[LeadID]*Lead{}, missedOf: map[string]map[AppointmentID]Day{}}
	s.adopt(&Layout{})
	s.clearDay()
	return s
}

// Apply makes an event part of the state. Events must come in the order of Seq and from Decide or the journal: Apply
// does not judge them.
func (s *State) Apply(e *Event) {
	s.seq, s.at = e.Seq, e.At
	e.Body.apply(s, e)
	if b, ok := e.Body.(atWindow); ok {
		s.syncPost(b.window(), e.At)
	}
}

// Touched fills in what the entry's events touched, as it is now, each once.
func (s *State) Touched(e *Entry) {
	for i := range e.Events {
		ev := &e.Events[i]
		e.Tickets = add(e.Tickets, s.tickets[ev.Subject()])
		e.Cases = add(e.Cases, s.files.byID[ev.CaseSubject()])
		e.Tasks = add(e.Tasks, s.tasks.byID[ev.RatingSubject()])
		e.Leads = add(e.Leads, s.leads[ev.LeadSubject()])
		e.Appointments = add(e.Appointments, s.Appointment(ev.AppointmentSubject()))
	}
}

func add[T any](list []*T, v *T) []*T {
	if v == nil || slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

// Seq is the number of the last event.
func (s *State) Seq() uint64 { return s.seq }

// Day is the business day, and whether it is open.
func (s *State) Day() (Day, bool) { return s.day, s.open }

// Now is the time of the last event.
func (s *State) Now() Millis { return s.at }

// Layout is the layout in force. It must not be changed.
func (s *State) Layout() *Layout { return s.layout }

// Ticket returns a ticket of the day, or nil.
func (s *State) Ticket(id TicketID) *Ticket { return s.tickets[id] }

// Plan returns a window of the layout, or nil.
func (s *State) Plan(w WindowID) *WindowPlan {
	if win := s.windows[w]; win != nil {
		return win.plan
	}
	return nil
}

// Window returns a window with what happens at it, or nil.
func (s *State) Window(id WindowID) *Window {
	w := s.windows[id]
	if w == nil {
		return nil
	}
	free := Millis(0)
	if w.state == Open && w.ticket == "" {
		free = w.freeSince
	}
	return &Window{Plan: w.plan, State: w.state, Clerk: w.clerk, Reason: w.reason, Until: w.until, Since: w.since, Free: free,
		Ticket: s.inHand(w), Last: s.tickets[w.last], Served: w.served, Asked: w.asked}
}

// Ahead counts the waiting tickets that stand before t; 0 when t does not wait.
func (s *State) Ahead(t *Ticket) int {
	if t.State != Waiting {
		return 0
	}
	return ahead(s.queueOf(t).items, t)
}

// WaitingFor returns the tickets that wait for a field, in order. The slice must not be changed.
func (s *State) WaitingFor(f FieldID) []*Ticket {
	if q := s.byField[f]; q != nil {
		return q.items
	}
	return nil
}

// WaitingAt returns the tickets that only this window may call, in order. The slice must not be changed.
func (s *State) WaitingAt(w WindowID) []*Ticket {
	if q := s.byWindow[w]; q != nil {
		return q.items
	}
	return nil
}

func (s *State) adopt(l *Layout) {
	s.layout, s.workdays = l, l.Workdays()
	s.matters = make(map[MatterCode]*Matter, len(l.Matters))
	for i := range l.Matters {
		s.matters[l.Matters[i].Code] = &l.Matters[i]
	}
	old := s.windows
	s.windows, s.order = make(map[WindowID]*window, len(l.Windows)), nil
	for i := range l.Windows {
		p := &l.Windows[i]
		w := &window{state: Closed, since: s.at}
		if was := old[p.ID]; was != nil {
			*w = *was
		}
		w.plan = p
		s.windows[p.ID] = w
		s.order = append(s.order, p.ID)
	}
	s.refloor()
}

func (s *State) clearDay() {
	s.tickets, s.persons = map[TicketID]*Ticket{}, map[string][]TicketID{}
	s.touched = map[TicketID][]touched{}
	s.byField, s.byWindow = map[FieldID]*queue{}, map[WindowID]*queue{}
	s.issued, s.served = map[FieldID]int{}, map[FieldID]int{}
	s.held, s.missed, s.calls, s.failed = nil, nil, nil, nil
	s.totals = Totals{}
	for _, w := range s.windows {
		w.served, w.last, w.undo = 0, "", nil
	}
	s.refloor()
}

// edit replaces a ticket by a changed copy and keeps every list that holds it, and the totals, in step.
func (s *State) edit(id TicketID, change func(t *Ticket)) *Ticket {
	old := s.tickets[id]
	t := *old
	change(&t)
	s.tickets[id] = &t
	if s.stays(old, &t) {
		s.refresh(old, &t)
	} else {
		s.leave(old)
		s.enter(&t)
	}
	s.failed = swap(s.failed, old, &t)
	return &t
}

// stays says whether a change leaves the ticket where it is in the lists.
func (s *State) stays(old, t *Ticket) bool {
	return old.State == t.State && (t.State != Waiting || old.Place == t.Place && s.queueOf(old) == s.queueOf(t) && s.sameStand(old, t))
}

// refresh shows the new version of a ticket in the place of the old one.
func (s *State) refresh(old, t *Ticket) {
	switch t.State {
	case Waiting:
		s.queueOf(t).replace(t)
	case Held:
		s.held = swap(s.held, old, t)
	case NoShow:
		s.missed = swap(s.missed, old, t)
	}
}

func (s *State) enter(t *Ticket) {
	*s.totals.of(t.State)++
	switch t.State {
	case Waiting:
		s.queueOf(t).insert(t)
		s.stand(t)
	case Held:
		s.held = append(slices.Clone(s.held), t)
	case NoShow:
		s.missed = last(append(slices.Clone(s.missed), t), maxMissed)
	}
}

func (s *State) leave(t *Ticket) {
	*s.totals.of(t.State)--
	switch t.State {
	case Waiting:
		s.queueOf(t).remove(t)
		s.unstand(t)
	case Held:
		s.held = without(s.held, t.ID)
	case NoShow:
		s.missed = without(s.missed, t.ID)
	}
}

func (s *State) queueOf(t *Ticket) *queue {
	if t.For != "" {
		return ensure(s.byWindow, t.For)
	}
	return ensure(s.byField, t.Field)
}

func ensure[K comparable](m map[K]*queue, k K) *queue {
	if m[k] == nil {
		m[k] = &queue{}
	}
	return m[k]
}

func swap(list []*Ticket, old, t *Ticket) []*Ticket {
	i := slices.Index(list, old)
	if i < 0 {
		return list
	}
	list = slices.Clone(list)
	list[i] = t
	return list
}

func without(list []*Ticket, id TicketID) []*Ticket {
	return slices.DeleteFunc(slices.Clone(list), func(t *Ticket) bool { return t.ID == id })
}

func last[T any](list []T, n int) []T { return list[max(0, len(list)-n):] }

// inHand is the ticket at a window, or nil.
func (s *State) inHand(w *window) *Ticket { return s.tickets[w.ticket] }

// findDevice is where a part of a device stands in the list, or would stand.
func (s *State) findDevice(device, part string) (int, bool) {
	return slices.BinarySearchFunc(s.devices, Device{Device: device, Part: part}, func(a, b Device) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Part, b.Part))
	})
}

func (s *State) device(d Device) {
	i, found := s.findDevice(d.Device, d.Part)
	if s.devicesShown { // a view shows the old list
		s.devices, s.devicesShown = slices.Clone(s.devices), false
	}
	if found {
		s.devices[i] = d
	} else {
		s.devices = slices.Insert(s.devices, i, d)
	}
}

// Matter returns a matter of the layout, or nil.
func (s *State) Matter(code MatterCode) *Matter { return s.matters[code] }

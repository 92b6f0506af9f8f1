package hall

// Command is something that a person, a device or the hall itself wants. The set is closed.
type Command interface {
	decide(s *State, c call) ([]Body, error)
}

// call is the circumstance of a command.
type call struct {
	at    Millis // of what happens, see moment
	clock Millis // as the machine's clock shows it
	by    Actor
}

// Decide judges a command at a time of the clock by an actor against the state: it returns the events that the command makes, which
// the caller commits and then applies, or an *Error that says why not. No events and no error means that there is
// nothing to do. Decide changes nothing, reads no clock and draws no random number.
//
// What a command may do to a ticket, by the ticket's state (a code is the reason of a refusal; "-" means that the
// ticket cannot be addressed by it, since next chooses and the others act on the ticket in the window's hand):
//
//	             waiting      called           serving          held            no_show                done, abandoned, cancelled
//	next         → called     ticket_in_hand   ticket_in_hand   -               -                      -
//	recall       -            call again       already_serving  -               -                      -
//	start        -            → serving        already_serving  -               -                      -
//	finish       -            → serving, done  → done           -               -                      -
//	undo         -            ticket_in_hand   ticket_in_hand   -               -                      done → serving, for 2 minutes
//	hold         -            not_started      → held           -               -                      -
//	transfer     -            → waiting        → waiting        -               -                      -
//	 for later   -            → held           → held           -               -                      -
//	split        -            not_started      a second ticket  -               -                      -
//	identify     -            who it is        who it is        -               -                      -
//	no-show      -            → no_show        already_serving  -               -                      -
//	resume       not_held     not_held         not_held         → serving       not_held               not_held
//	                                                            or → waiting
//	reactivate   not_missed   not_missed       not_missed       not_missed      → waiting, once,       not_missed
//	                                                                            within 10 minutes
//	mark         its class    in_hand          in_hand          its class       its class              ticket_ended
//	cancel       → cancelled  in_hand          in_hand          → cancelled     → cancelled            ticket_ended
//	abandon      → abandoned  in_hand          in_hand          → abandoned     ticket_ended            ticket_ended
//	rate         not_served   not_served       once a service   once a service  not_served unless it   once a service, or
//	                                                                            was served before      not_served
//
// A window without a ticket in hand refuses recall, start, finish, hold, transfer, split, identify and no-show with
// no_ticket_in_hand. Where the hall's Desk says so, recall is refused with too_soon or recall_limit, and no-show with
// recall_first or too_soon. And by the window's state, for a clerk who works there (another one gets window_taken):
//
//	             closed          open                          paused
//	open         → open          nothing to do                 window_paused
//	pause        window_closed   → paused, or ticket_in_hand   nothing to do
//	resume       window_closed   nothing to do                 → open
//	close        nothing to do   → closed, or ticket_in_hand   → closed
//	hand-over    window_closed   the colleague's               the colleague's
//	next         window_closed   → a ticket called             window_paused
//	             the acts on the ticket in hand need an open window
//
// Relieve asks for closed windows, and open ends what was asked; see Relief. It is never refused. No more is CallIdle, which
// presses next for a clerk where the hall's settings say so.
//
// An appointment is booked, moved and called off at any moment, also while the hall is closed; Take and TakeOffline check
// it in on its day, see Appointment.CheckIn; Settle records who did not come, and CloseDay and OpenDay what the hall itself
// did not keep.
//
// TakeOffline makes a ticket as long as its day is open, also after the last one may be taken: the person holds the paper.
//
// OpenDay is refused with clock_ahead by a clock that is not believed, until SetClock.
//
// After the day has been closed nothing moves a ticket any more: reactivate gives hall_closed and cancel ticket_ended.
func Decide(s *State, cmd Command, clock Millis, by Actor) ([]Event, error) {
	at := s.moment(clock)
	bodies, err := cmd.decide(s, call{at: at, clock: clock, by: by})
	if err != nil {
		return nil, err
	}
	events := make([]Event, len(bodies))
	id, day := s.layout.Hall, s.day
	switch c := cmd.(type) {
	case AdoptLayout:
		id = c.Layout.Hall
	case OpenDay:
		day = c.Day
	case SetClock:
		at = clock
	}
	for i, b := range bodies {
		events[i] = Event{Seq: s.seq + 1 + uint64(i), Hall: id, Day: day, At: at, Actor: by, Body: b}
	}
	return events, nil
}

// ticket returns a ticket of the open day or a refusal.
func (s *State) ticket(id TicketID) (*Ticket, error) {
	t := s.tickets[id]
	if t == nil {
		return nil, refuse(CodeNotFound, "今天没有号票 %s。请核对号码。", id)
	}
	return t, nil
}

// AdoptLayout puts a layout in force at once.
type AdoptLayout struct {
	Layout Layout
	Base   string // version that it was made from, which must still be in force; empty: any
}

func (c AdoptLayout) decide(s *State, at call) ([]Body, error) {
	if err := s.basedOn(c.Base); err != nil {
		return nil, err
	}
	if err := c.Layout.Check(); err != nil {
		return nil, refuse(CodeInvalid, "目录有误：%s。", InWords(err))
	}
	if s.open {
		if err := s.fits(&c.Layout, at.at); err != nil {
			return nil, err
		}
	}
	return []Body{&LayoutAdopted{Layout: c.Layout}}, nil
}

// fits refuses a layout that would strand somebody who waits or works, or who may still come back.
func (s *State) fits(l *Layout, now Millis) error {
	next := New(s.rule)
	next.adopt(l)
	for _, id := range s.order {
		if s.windows[id].state != Closed && next.windows[id] == nil {
			return refuse(CodeLayoutInUse, "%s号窗口正在工作，新的布局里没有它。请先关闭该窗口。", id)
		}
	}
	for _, t := range s.sorted() {
		if t.Over() && !t.mayReturn(now) {
			continue
		}
		for _, m := range t.Remaining {
			if next.matters[m] == nil {
				return refuse(CodeLayoutInUse, "%s号正在等候办理事项%s，新的目录里没有它。请在闭馆后更换。", t.Number, m)
			}
		}
		if !next.hasField(t.Field) {
			return refuse(CodeLayoutInUse, "%s号正在%s领域等候，新的布局里没有它。请在闭馆后更换。", t.Number, t.Field)
		}
	}
	return nil
}

func (s *State) hasField(f FieldID) bool {
	for i := range s.layout.Fields {
		if s.layout.Fields[i].ID == f {
			return true
		}
	}
	return false
}

// ReportDevice records how one part of a device is. The same report twice is one event.
type ReportDevice struct {
	Device, Part, State, Reason, Note string
}

func (c ReportDevice) decide(s *State, _ call) ([]Body, error) {
	switch c.State {
	case "up", "warning", "down":
	default:
		return nil, refuse(CodeInvalid, "state：%q 不是 up、warning 或 down。", c.State)
	}
	i, known := s.findDevice(c.Device, c.Part)
	if known && s.devices[i].State == c.State && s.devices[i].Reason == c.Reason {
		return nil, nil
	}
	if !known && len(s.devices) >= maxDevices {
		return nil, refuse(CodeInvalid, "设备部件已达上限 %d 个。", maxDevices)
	}
	return []Body{&DeviceReported{Device: c.Device, Part: c.Part, State: c.State, Reason: c.Reason, Note: c.Note}}, nil
}

const maxDevices = 5000 // 50 kiosks and 1,000 screens with a few parts each

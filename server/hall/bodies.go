package hall

// LayoutAdopted puts a layout in force.
type LayoutAdopted struct {
	Layout Layout `json:"layout"`
}

// DayOpened begins a business day. Numbers start again from 1, or go on after what was given.
type DayOpened struct {
	IssueUntil Millis `json:"issue_until"` // no ticket is issued from then on
	Given      Given  `json:"given,omitzero"`
}

// DayClosed ends it. Tickets and windows were ended by events of their own just before.
type DayClosed struct{}

// DayReopened takes the end of the day back. Tickets are put back by events of their own just after.
type DayReopened struct{}

// TicketIssued makes a ticket.
type TicketIssued struct {
	Ticket     TicketID     `json:"ticket"`
	Number     string       `json:"number"`
	Field      FieldID      `json:"field"`
	Matters    []MatterCode `json:"matters"`
	Priority   Priority     `json:"priority"`
	Language   string       `json:"language"`
	Channel    string       `json:"channel"`
	PersonKind string       `json:"person_kind"`
	Person     string       `json:"person,omitempty"`
	Track      string       `json:"track"`
	Slot       Millis       `json:"slot,omitempty"`    // of an appointment
	Since      Millis       `json:"since,omitempty"`   // from when the wait counts, where not from the issue
	Deliver    bool         `json:"deliver,omitempty"` // comes to collect a result
	// IssuedAt is when a kiosk issued it by itself, from its own series of numbers; 0 = with this event.
	IssuedAt Millis   `json:"issued_at,omitempty"`
	Actor    string   `json:"actor,omitempty"` // self (also when empty), agent or staff
	Cases    []CaseID `json:"cases,omitempty"` // that the person named
	Papers   Papers   `json:"papers,omitempty"`
	From     TicketID `json:"from,omitempty"` // split off this ticket
	To       WindowID `json:"to,omitempty"`   // only this window may call it
	Told     *Told    `json:"told,omitempty"` // the forecast given with it
}

// TicketCalled is the first call of a ticket to a window, with the reason for the choice.
type TicketCalled struct {
	Ticket TicketID `json:"ticket"`
	Window WindowID `json:"window"`
	Clerk  Actor    `json:"clerk"`
	Leg    int      `json:"leg"`
	Why    Why      `json:"why"`
}

// TicketRecalled is every further call.
type TicketRecalled struct {
	Ticket TicketID `json:"ticket"`
	Window WindowID `json:"window"`
	Calls  int      `json:"calls"`
}

// TicketStarted begins the service. Implied means that the clerk went on without saying so.
type TicketStarted struct {
	Ticket  TicketID `json:"ticket"`
	Window  WindowID `json:"window"`
	Leg     int      `json:"leg"`
	Implied bool     `json:"implied,omitempty"`
}

// TicketFinished ends a service. With matters left over the ticket goes on to another window by a transfer. Without outcomes it
// was not a person who ended it but the end of the day.
type TicketFinished struct {
	Ticket   TicketID  `json:"ticket"`
	Window   WindowID  `json:"window"`
	Leg      int       `json:"leg"`
	Outcomes []Outcome `json:"outcomes"`
}

// TicketHeld sends the applicant away for something; the ticket stays with the window.
type TicketHeld struct {
	Ticket TicketID `json:"ticket"`
	Window WindowID `json:"window"`
	Leg    int      `json:"leg"`
	Reason string   `json:"reason,omitempty"`
}

// TicketResumed brings a held ticket back: into the window's hand when Serving, else first in the queue of the window
// For, or of its field when For is empty.
type TicketResumed struct {
	Ticket  TicketID `json:"ticket"`
	Window  WindowID `json:"window,omitempty"`
	Leg     int      `json:"leg"`
	Serving bool     `json:"serving"`
	For     WindowID `json:"for,omitempty"`
}

// TicketTransferred (转办) sends a ticket to the queue of a field, or of one window when To is set. It keeps its place.
// Later: it is held until somebody resumes it, and waits there only then.
type TicketTransferred struct {
	Ticket     TicketID     `json:"ticket"`
	Window     WindowID     `json:"window"`
	Leg        int          `json:"leg"`
	Field      FieldID      `json:"field"`
	To         WindowID     `json:"to,omitempty"`
	Department string       `json:"department,omitempty"` // whom it was sent to, where a department was named
	Later      bool         `json:"later,omitempty"`
	Reason     string       `json:"reason,omitempty"`
	Outcomes   []Outcome    `json:"outcomes,omitempty"` // of the matters that are done already
	Left       []MatterCode `json:"left"`
}

// Own says whether the hall moved the ticket by itself: its next matter is another window's, or its window closed.
func (b *TicketTransferred) Own() bool {
	return b.Reason == reasonNextMatter || b.Reason == reasonWindowClosed
}

// reasonWindowClosed marks a ticket that goes back to its field.
const reasonWindowClosed = "window_closed"

// TicketSplit takes matters off a ticket; they go on as the ticket Into, which was issued just before.
type TicketSplit struct {
	Ticket  TicketID     `json:"ticket"`
	Window  WindowID     `json:"window"`
	Into    TicketID     `json:"into"`
	Matters []MatterCode `json:"matters"`
	Reason  string       `json:"reason,omitempty"`
}

// TicketIdentified says who the person with the ticket is.
type TicketIdentified struct {
	Ticket     TicketID `json:"ticket"`
	Window     WindowID `json:"window"`
	PersonKind string   `json:"person_kind"`
	Person     string   `json:"person"`
	Actor      string   `json:"actor,omitempty"`
}

// TicketMissed (过号): called, did not come.
type TicketMissed struct {
	Ticket TicketID `json:"ticket"`
	Window WindowID `json:"window"`
	Leg    int      `json:"leg"`
	Reason string   `json:"reason,omitempty"`
}

// TicketReactivated puts a no-show back in its place, once: in the queue of the window For that it had been sent to, or
// of its field when For is empty. Reopened means that it puts back, any number of times, what only the end of the day ended.
type TicketReactivated struct {
	Ticket   TicketID `json:"ticket"`
	For      WindowID `json:"for,omitempty"`
	Reopened bool     `json:"reopened,omitempty"`
	Held     bool     `json:"held,omitempty"` // reopened, and held as before
}

// TicketCancelled is the applicant giving up the place.
type TicketCancelled struct {
	Ticket TicketID `json:"ticket"`
	Reason string   `json:"reason,omitempty"`
}

// TicketAbandoned ends a ticket that nobody ended: the day closed around it.
type TicketAbandoned struct {
	Ticket TicketID `json:"ticket"`
	Reason string   `json:"reason,omitempty"`
}

// ReceiptReported says what became of a ticket's receipt.
type ReceiptReported struct {
	Ticket TicketID   `json:"ticket"`
	State  PrintState `json:"state"`
	Reason string     `json:"reason,omitempty"`
	Note   string     `json:"note,omitempty"`
}

// WindowOpened puts a clerk at a window.
type WindowOpened struct {
	Window WindowID `json:"window"`
	Clerk  Actor    `json:"clerk"`
}

// WindowPaused stops calls for a while. Until is when the clerk means to be back.
type WindowPaused struct {
	Window WindowID `json:"window"`
	Reason string   `json:"reason,omitempty"`
	Until  Millis   `json:"until,omitempty"` // when the clerk means to be back
}

// WindowHandedOver gives a window, with the ticket in its hand, to a colleague.
type WindowHandedOver struct {
	Window WindowID `json:"window"`
	Clerk  Actor    `json:"clerk"` // who has it from now on
	In     TicketID `json:"in_hand,omitempty"`
}

// WindowResumed ends a pause.
type WindowResumed struct {
	Window WindowID `json:"window"`
}

// WindowClosed ends a window's work.
type WindowClosed struct {
	Window WindowID `json:"window"`
}

// DeviceReported says how one part of a device is.
type DeviceReported struct {
	Device string `json:"device"`
	Part   string `json:"part"`  // printer, reader, …
	State  string `json:"state"` // up, warning or down
	Reason string `json:"reason,omitempty"`
	Note   string `json:"note,omitempty"`
}

// Kind names the body in the journal.
func (*LayoutAdopted) Kind() Kind { return KindLayoutAdopted }

// Kind names the body in the journal.
func (*DayOpened) Kind() Kind { return KindDayOpened }

// Kind names the body in the journal.
func (*DayClosed) Kind() Kind { return KindDayClosed }

// Kind implements Body.
func (*DayReopened) Kind() Kind { return KindDayReopened }

// Kind names the body in the journal.
func (*TicketIssued) Kind() Kind { return KindTicketIssued }

// Kind names the body in the journal.
func (*TicketCalled) Kind() Kind { return KindTicketCalled }

// Kind names the body in the journal.
func (*TicketRecalled) Kind() Kind { return KindTicketRecalled }

// Kind names the body in the journal.
func (*TicketStarted) Kind() Kind { return KindTicketStarted }

// Kind names the body in the journal.
func (*TicketFinished) Kind() Kind { return KindTicketFinished }

// Kind names the body in the journal.
func (*TicketHeld) Kind() Kind { return KindTicketHeld }

// Kind names the body in the journal.
func (*TicketResumed) Kind() Kind { return KindTicketResumed }

// Kind names the body in the journal.
func (*TicketTransferred) Kind() Kind { return KindTicketTransferred }

// Kind names the body in the journal.
func (*TicketMissed) Kind() Kind { return KindTicketMissed }

// Kind names the body in the journal.
func (*TicketReactivated) Kind() Kind { return KindTicketReactivated }

// Kind names the body in the journal.
func (*TicketCancelled) Kind() Kind { return KindTicketCancelled }

// Kind names the body in the journal.
func (*TicketAbandoned) Kind() Kind { return KindTicketAbandoned }

// Kind names the body in the journal.
func (*ReceiptReported) Kind() Kind { return KindReceiptReported }

// Kind names the body in the journal.
func (*WindowOpened) Kind() Kind { return KindWindowOpened }

// Kind names the body in the journal.
func (*WindowPaused) Kind() Kind { return KindWindowPaused }

// Kind names the body in the journal.
func (*WindowResumed) Kind() Kind { return KindWindowResumed }

// Kind names the body in the journal.
func (*WindowClosed) Kind() Kind { return KindWindowClosed }

// Kind names the body in the journal.
func (*DeviceReported) Kind() Kind { return KindDeviceReported }

// Kind names the body in the journal.
func (*TicketSplit) Kind() Kind { return KindTicketSplit }

// Kind names the body in the journal.
func (*TicketIdentified) Kind() Kind { return KindTicketIdentified }

// Kind names the body in the journal.
func (*WindowHandedOver) Kind() Kind { return KindWindowHandedOver }

// Subject is the ticket that the event is about, or empty.
func (e *Event) Subject() TicketID {
	if b, ok := e.Body.(interface{ subject() TicketID }); ok {
		return b.subject()
	}
	return ""
}

func (b *TicketIssued) subject() TicketID      { return b.Ticket }
func (b *TicketCalled) subject() TicketID      { return b.Ticket }
func (b *TicketRecalled) subject() TicketID    { return b.Ticket }
func (b *TicketStarted) subject() TicketID     { return b.Ticket }
func (b *TicketFinished) subject() TicketID    { return b.Ticket }
func (b *TicketHeld) subject() TicketID        { return b.Ticket }
func (b *TicketResumed) subject() TicketID     { return b.Ticket }
func (b *TicketTransferred) subject() TicketID { return b.Ticket }
func (b *TicketMissed) subject() TicketID      { return b.Ticket }
func (b *TicketReactivated) subject() TicketID { return b.Ticket }
func (b *TicketCancelled) subject() TicketID   { return b.Ticket }
func (b *TicketAbandoned) subject() TicketID   { return b.Ticket }
func (b *ReceiptReported) subject() TicketID   { return b.Ticket }
func (b *TicketSplit) subject() TicketID       { return b.Ticket }
func (b *TicketIdentified) subject() TicketID  { return b.Ticket }

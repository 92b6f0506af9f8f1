package hall

import "fmt"

// TicketState is where a ticket (号票) is in its life.
type TicketState string

// The states of a ticket. The last four are its ends.
const (
	Waiting   TicketState = "waiting"
	Called    TicketState = "called"
	Serving   TicketState = "serving"
	Held      TicketState = "held" // the applicant fetches something and comes back to the same window
	Done      TicketState = "done"
	NoShow    TicketState = "no_show" // 过号; may be reactivated once
	Abandoned TicketState = "abandoned"
	Cancelled TicketState = "cancelled"
)

// Priority is the class that an applicant waits in. Only the class is kept, never the proof.
type Priority string

// The classes.
const (
	Ordinary      Priority = "ordinary"
	ByAppointment Priority = "appointment"
	Elderly       Priority = "elderly"
	Disabled      Priority = "disabled"
	Pregnant      Priority = "pregnant" // or with an infant
	Military      Priority = "military" // or firefighter, or a martyr's family
)

// Ticket is one ticket of the day. A *Ticket that State hands out never changes: Apply puts a new one in its place, so
// a reader may keep it.
type Ticket struct {
	ID         TicketID
	Number     string
	Field      FieldID // of the queue it stands in
	Matters    []MatterCode
	Remaining  []MatterCode // not served yet
	Priority   Priority
	Language   string
	Channel    string // kiosk, desk, phone or online
	PersonKind string // id, company or none
	Person     string // pseudonym, empty without identity
	Track      string // unguessable code of the status page
	Actor      string // self, agent or staff
	Cases      []CaseID
	Papers     Papers   // what the person said of them at the kiosk
	From       TicketID // split off this one

	State      TicketState
	Place      Millis   // where it stands in its queue: Since, or 0 when it comes back first
	Window     WindowID // that called it last
	For        WindowID // only this window may call it, until it is served
	Leg        int      // services begun so far: a transfer adds one
	Calls      int      // in this leg
	IssuedAt   Millis
	CalledAt   Millis // first call of this leg
	lastCallAt Millis // in this leg
	StartedAt  Millis
	EndedAt    Millis

	Since    Millis // from when its wait counts: its issue, for an appointment a moment before its slot
	Slot     Millis // of an appointment
	Deliver  bool   // comes to collect a result
	Directed bool   // a clerk sent it to its field, whatever its matters

	Told        *Told // the forecast given with it; nil when there was none
	Reactivated bool
	Print       PrintState
	Note        string

	sentOn     bool   // held by a transfer for later
	clerk      Actor  // who called it last, or took the window over since
	begun      Millis // first service of its matters that are left: a transfer goes on with it
	lastServed Actor  // who served it last, or serves it

	Order uint64 // number of the issuing event: breaks ties
}

// PrintState is what became of a receipt.
type PrintState string

// The ends of a print job.
const (
	Printed PrintState = "printed"
	Sent    PrintState = "sent" // one-way cable: no proof
	Failed  PrintState = "failed"
	// Uncertain: bytes were sent and no proof came; paper may show the receipt, so somebody has to look.
	Uncertain PrintState = "uncertain"
)

// Unproven tells that somebody has to see to the receipt: it failed, or nobody knows.
func (p PrintState) Unproven() bool { return p == Failed || p == Uncertain }

// Over says whether the ticket has ended for good or as a no-show.
func (t *Ticket) Over() bool {
	switch t.State {
	case Done, NoShow, Abandoned, Cancelled:
		return true
	}
	return false
}

// before says whether t stands before u in a queue.
func (t *Ticket) before(u *Ticket) bool {
	if t.Place != u.Place {
		return t.Place < u.Place
	}
	return t.Order < u.Order
}

// Before says whether t is called before u by a rule that goes by the order of arrival.
func (t *Ticket) Before(u *Ticket) bool { return t.before(u) }

// Number is the n-th ticket of a field: A001 … A999, A1000.
func Number(f FieldID, n int) string { return fmt.Sprintf("%s%03d", f, n) }

// MakeTicketID joins a business day and a number.
func MakeTicketID(d Day, number string) TicketID {
	return TicketID(fmt.Sprintf("%s%s%s-%s", d[0:4], d[5:7], d[8:10], number))
}

// Day is the business day that the ticket's ID begins with.
func (t *Ticket) Day() Day { return Day(t.ID[0:4] + "-" + t.ID[4:6] + "-" + t.ID[6:8]) }

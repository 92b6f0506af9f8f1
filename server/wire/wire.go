// Package wire is what travels between the hall server and everything outside it: the JSON of /api/v1 and of the
// WebSockets, and the Go client that kiosks, displays and the demo's people use. It holds no rule and imports nothing
// of ours, so a kiosk PC can be built without the hall.
//
// Every time is RFC 3339 with the hall's offset. Every text for the public is a Text, one entry per language.
package wire

import "time"

// Text is one text in several languages, keyed by "zh", "ug", "kk" or "en". Chinese is always there.
type Text map[string]string

// Hall says which hall answers and whether its business day is open.
type Hall struct {
	ID     string `json:"id"`
	Name   Text   `json:"name"`
	Zone   string `json:"zone"`             // IANA name, for example Asia/Shanghai
	Day    string `json:"day"`              // business day, YYYY-MM-DD
	Open   bool   `json:"open"`             // tickets can be taken now
	Notice Text   `json:"notice,omitempty"` // why not, and when again, when Open is false
	Hours  Hours  `json:"hours"`

	Resumes *time.Time `json:"resumes,omitempty"` // in a break between two opening times: when the next begins
	Opens   *time.Time `json:"opens,omitempty"`   // before the day's first opening time, when numbers are given out: when it begins

	EndedEarly bool `json:"ended_early,omitempty"` // a person ended the day before its time; Notice says so
}

// Hours is when tickets are given out, in minutes after midnight of the hall's zone.
type Hours struct {
	Always      bool   `json:"always,omitempty"`
	Spans       []Span `json:"spans,omitempty"` // opening times
	EarlyMin    int    `json:"early_min"`       // tickets are given out that long before the first opening
	DayTurnsMin int    `json:"day_turns_min"`   // when one business day ends and the next begins
}

// Span is an opening time, [From, To).
type Span struct {
	FromMin int `json:"from_min"`
	ToMin   int `json:"to_min"`
}

// Catalogue is what a kiosk offers: the fields (领域) and the matters (事项) in them.
type Catalogue struct {
	Hall    Hall       `json:"hall"`
	Version string     `json:"version"`
	Example bool       `json:"example"` // an example list that the hall has not replaced by its own yet
	Fields  []Field    `json:"fields"`
	Matters []Matter   `json:"matters"`
	Covers  [][]string `json:"covers"` // sets of fields that windows serve, each once
	// For a kiosk, so that it can go on while the hall is away: the series of its own numbers (K2 for K2-001), and the
	// key to which a person's number is sealed until it is delivered (X25519, base64).
	Series  string `json:"series,omitempty"`
	SealKey string `json:"seal_key,omitempty"`
	Receipt string `json:"receipt,omitempty"` // the hall's own template of a ticket, see docs/receipt.md
}

// Field is a group of matters that a consolidated window (综合窗口) serves; its ID is the letter of its tickets.
type Field struct {
	ID   string `json:"id"`
	Name Text   `json:"name"`
	Icon string `json:"icon"` // name of an icon of the pages' icon set
}

// Matter is one permit or service.
type Matter struct {
	Code         string   `json:"code"`
	Name         Text     `json:"name"`
	Field        string   `json:"field"`
	Department   string   `json:"department"`
	Kind         string   `json:"kind"`          // on_the_spot (即办件) or promised (承诺件)
	PromisedDays int      `json:"promised_days"` // working days
	Materials    []string `json:"materials"`
	Subject      string   `json:"subject"` // person, company or both
	ServiceMin   int      `json:"service_min"`
	Keywords     []string `json:"keywords,omitempty"` // how people call it
}

// Person says who takes a ticket. Kind "none" needs no number.
type Person struct {
	Kind   string `json:"kind"` // id, company or none
	Number string `json:"number,omitempty"`
	Sealed string `json:"sealed,omitempty"` // the number sealed to the hall's key, base64; instead of Number
}

// TakeRequest asks for a ticket.
type TakeRequest struct {
	Matters  []string `json:"matters"`
	Person   Person   `json:"person"`
	Priority string   `json:"priority,omitempty"` // ordinary (default), appointment, elderly, disabled, pregnant or military
	Language string   `json:"language,omitempty"` // zh (default), ug, kk or en
	Channel  string   `json:"channel,omitempty"`  // of a guide's request: desk (default), or phone for somebody who called and is not here
	Actor    string   `json:"actor,omitempty"`    // self (default), agent, or staff for the hall's own people
	Cases    []string `json:"cases,omitempty"`    // case numbers, scanned from papers; their matters must be among Matters, or Matters is empty
	Collect  bool     `json:"collect,omitempty"`  // comes for the results of Cases, which must be ready
	// Papers are the materials that the person says are missing, by matter: [] says that all are there, a matter that does not
	// stand here was not asked about.
	Papers map[string][]string `json:"papers,omitempty"`
	// Appointment is checked in with the ticket: its code, the address of its page, or its id where Person is whose it is. Its
	// matters are taken where Matters is empty. Without it an appointment of Person that is due for the matters is found.
	Appointment string `json:"appointment,omitempty"`
}

// PersonOpen is what somebody who has shown who they are has open: nothing in it is about the person.
type PersonOpen struct {
	Tickets []Ticket   `json:"tickets"` // of today
	Cases   []OpenCase `json:"cases"`

	Appointments []Appointment `json:"appointments"` // of today that are not checked in
}

// OpenCase is a case that is not closed.
type OpenCase struct {
	Case     string    `json:"case"`
	Matter   string    `json:"matter"`
	OpenedAt time.Time `json:"opened_at"`
	Ready    bool      `json:"ready"` // the result can be collected
}

// OfflineTicket delivers a ticket that a kiosk gave out while the hall was away.
type OfflineTicket struct {
	TakeRequest
	Number    string    `json:"number"` // of the kiosk's series
	Day       string    `json:"day"`
	IssuedAt  time.Time `json:"issued_at"`
	Track     string    `json:"track"`                // code of the status page, drawn by the kiosk
	InsteadOf string    `json:"instead_of,omitempty"` // Idempotency-Key of a request for a ticket that was not answered
}

// Wait is a forecast of the wait from now on, in minutes.
type Wait struct {
	P50Min int `json:"p50_min"`
	P80Min int `json:"p80_min"`
	P90Min int `json:"p90_min"`
}

// Ticket is one ticket (号票) as staff and devices see it.
type Ticket struct {
	ID        string     `json:"id"`
	Number    string     `json:"number"` // field letter and at least three digits: A001
	Day       string     `json:"day"`
	State     string     `json:"state"` // waiting, called, serving, held, done, no_show, abandoned or cancelled
	Field     string     `json:"field"`
	Matters   []string   `json:"matters"`
	Remaining []string   `json:"remaining,omitempty"` // matters not served yet
	Priority  string     `json:"priority"`
	Language  string     `json:"language"`
	Window    string     `json:"window,omitempty"`
	Calls     int        `json:"calls"` // how often it was called to this window
	Ahead     int        `json:"ahead"` // waiting tickets that stand before it
	Wait      *Wait      `json:"wait"`  // null while too little is known to say anything honest
	IssuedAt  time.Time  `json:"issued_at"`
	CalledAt  *time.Time `json:"called_at,omitempty"`
	StartedAt *time.Time `json:"started_at,omitempty"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	TrackURL  string     `json:"track_url,omitempty"` // path of the applicant's status page
	Print     string     `json:"print,omitempty"`     // printed, sent, failed or uncertain
	Note      string     `json:"note,omitempty"`      // reason of the last transfer or hold
	Offline   bool       `json:"offline,omitempty"`   // given out while the hall was away: ahead and wait are unknown
	Actor     string     `json:"actor,omitempty"`     // agent or staff; empty for the person's own ticket
	Cases     []string   `json:"cases,omitempty"`     // that the person named
	Collect   bool       `json:"collect,omitempty"`   // comes for a result
	From      string     `json:"from,omitempty"`      // split off this ticket
	Known     bool       `json:"known,omitempty"`     // the person has shown who they are
	Slot      *time.Time `json:"slot,omitempty"`      // of its appointment
	Warning   string     `json:"warning,omitempty"`   // of the answer that issues it: a doubt about the number, which counts all the same

	Papers map[string][]string `json:"papers,omitempty"` // by matter, what the person said is missing; [] = all there
}

// Track is what /t/{code} may know about a ticket: nothing about the person.
type Track struct {
	Hall   Hall   `json:"hall"`
	Ticket Ticket `json:"ticket"`
	Field  Text   `json:"field_name"`
}

// Why says in words and figures why a window called this ticket: one sentence for the clerk, the table for the manager.
type Why struct {
	Rule       string `json:"rule"`    // ratio, fcfs, strict, edd or primary
	Version    int    `json:"version"` // of the rule
	Candidates int    `json:"candidates"`
	WaitedS    int    `json:"waited_s"`
	Sentence   Text   `json:"sentence"`

	Step     string     `json:"step,omitempty"`     // returned, overdue, score or quota: the part of the rule that decided
	TargetS  int        `json:"target_s,omitempty"` // target wait of the ticket's class
	Ratio    float64    `json:"ratio,omitempty"`    // wait over target
	Score    float64    `json:"score,omitempty"`
	Reserved int        `json:"reserved,omitempty"` // candidates left waiting because the window is kept for a scarce skill
	Passed   bool       `json:"passed,omitempty"`   // somebody who came earlier, under strict priority
	Heads    []WhyHead  `json:"heads,omitempty"`    // the first of each line that the window may serve, best first
	Others   []WhyOther `json:"others,omitempty"`   // free windows that could not have taken it
}

// WhyHead is the first of a line with what the rule made of it.
type WhyHead struct {
	Number   string  `json:"number"`
	Priority string  `json:"priority"`
	Waiting  int     `json:"waiting"` // in its line
	WaitedS  int     `json:"waited_s"`
	Ratio    float64 `json:"ratio"`
	Primary  bool    `json:"primary,omitempty"`
	Share    float64 `json:"share"` // of its matters that the window can do
	Score    float64 `json:"score"`
	Reserved bool    `json:"reserved,omitempty"`
}

// WhyOther is a free window that could not have taken the ticket.
type WhyOther struct {
	Window string `json:"window"`
	Reason string `json:"reason"` // other_field, deliver_only, other_act, partly, sent or kept
}

// NextResponse answers a window's "next".
type NextResponse struct {
	Ticket Ticket `json:"ticket"`
	Why    Why    `json:"why"`
}

// TicketResponse answers every other act on a ticket.
type TicketResponse struct {
	Ticket Ticket `json:"ticket"`
}

// WindowResponse answers acts on a window itself.
type WindowResponse struct {
	Window Window `json:"window"`
}

// PauseRequest says why a window pauses.
type PauseRequest struct {
	Reason  string `json:"reason,omitempty"`
	Minutes int    `json:"minutes,omitempty"` // after which the clerk means to be back, at most 480; the window's screen tells it
}

// HoldRequest says what the applicant fetches while the ticket is held.
type HoldRequest struct {
	Reason string `json:"reason,omitempty"`
}

// TransferRequest sends the ticket in hand on. Exactly one of Field, Window and Department is set.
type TransferRequest struct {
	Field      string `json:"field,omitempty"`
	Window     string `json:"window,omitempty"`
	Department string `json:"department,omitempty"`
	Later      bool   `json:"later,omitempty"` // held until it is resumed, since the applicant has to see to something first
	Reason     string `json:"reason,omitempty"`
}

// Outcome is how one matter of a ticket ended at the window: accepted, done, incomplete, corrected, deferred,
// no_authority, consultation, collected, paid, progress, complaint or withdrawn. In a request only Matter and Outcome are
// needed, for deferred also Missing and Until, for no_authority also Authority.
type Outcome struct {
	Matter          string   `json:"matter"`
	Outcome         string   `json:"outcome"`
	Purpose         string   `json:"purpose,omitempty"`          // Q A B V P C S X R; follows from the outcome when left out
	Derived         string   `json:"derived,omitempty"`          // in answers: what would have followed, where the clerk chose another
	Case            string   `json:"case,omitempty"`             // found by person and matter when left out
	NewCase         bool     `json:"new_case,omitempty"`         // a new application, although one is open
	Person          *Person  `json:"person,omitempty"`           // the applicant, where an agent came
	Missing         []string `json:"missing,omitempty"`          // incomplete: what the written notice names; deferred: what may follow
	Oral            bool     `json:"oral,omitempty"`             // incomplete, no_authority: said, not written
	Until           string   `json:"until,omitempty"`            // deferred: the day by which it must be there
	Contact         string   `json:"contact,omitempty"`          // whom to ask
	Authority       string   `json:"authority,omitempty"`        // no_authority: the right one
	DeliveryOffered string   `json:"delivery_offered,omitempty"` // yes or no
	DeliveryChosen  string   `json:"delivery_chosen,omitempty"`  // mail or collect
	Note            string   `json:"note,omitempty"`
}

// FinishRequest ends the service. Without outcomes every matter that the window may serve counts as done.
type FinishRequest struct {
	Outcomes []Outcome `json:"outcomes,omitempty"`
}

// ResumeRequest brings a held ticket back; without a window it returns to the queue of the window that held it.
type ResumeRequest struct {
	Window string `json:"window,omitempty"`
}

// PrintReport says what became of a receipt.
type PrintReport struct {
	State  string `json:"state"`            // printed, sent (one-way cable, no proof), failed, or uncertain (it may be on paper: look)
	Reason string `json:"reason,omitempty"` // code of the cause, for example paper_out
	Note   string `json:"note,omitempty"`   // the same in words
}

// DeviceReport says how one part of a device (printer, reader, …) is.
type DeviceReport struct {
	State  string `json:"state"` // up, warning or down
	Reason string `json:"reason,omitempty"`
	Note   string `json:"note,omitempty"`
}

// DeviceState is the last report of a device's part.
type DeviceState struct {
	Device string    `json:"device"`
	Part   string    `json:"part"`
	State  string    `json:"state"`
	Reason string    `json:"reason,omitempty"`
	Note   string    `json:"note,omitempty"`
	Since  time.Time `json:"since"`
}

// Login opens a session.
type Login struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// PasswordChange asks for a new password.
type PasswordChange struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// Session says who is logged in. Token is set only in the answer to a login.
type Session struct {
	User       string `json:"user"`
	Name       string `json:"name"`
	Role       string `json:"role"`                 // clerk, guide, manager, kiosk, screen, counter, department, platform, system, security or audit
	Window     string `json:"window,omitempty"`     // a clerk's window
	Department string `json:"department,omitempty"` // a department's account
	Token      string `json:"token,omitempty"`
	Zone       string `json:"zone"` // the hall's, in which its times are shown
	Demo       bool   `json:"demo,omitempty"`
	MustChange bool   `json:"must_change,omitempty"` // the password, before anything else is allowed
}

// ErrorBody is the body of every refused request.
type ErrorBody struct {
	Error Error `json:"error"`
}

// Error is a stable code for programs and a sentence for people.
type Error struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`

	RetryAfterS int `json:"retry_after_s,omitempty"` // with 429: seconds

	Logged bool `json:"-"` // it says that the server is at fault, whose log has the cause
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Utterance is one announcement that is to be made as sound.
type Utterance struct {
	Number    string
	Window    string
	Languages []string // in order; Chinese is always among them
	Gong      bool
	Brief     bool // only what is needed, when calls follow one another quickly
	Rate      int  // words a minute
}

package runonce

import (
	"time"

	"yitang/server/hall"
	"yitang/server/workday"
)

// CaseID names one case (办件).
type CaseID string

// Party is who files or comes: the pseudonym of a person, or the credit code of a company.
type Party string

// Purpose is why a person came for a case, one letter.
type Purpose byte

// The purposes of a ticket.
const (
	Consult    Purpose = 'Q'
	Apply      Purpose = 'A'
	Supplement Purpose = 'B'
	Present    Purpose = 'V' // presence that the law requires
	Pay        Purpose = 'P'
	Collect    Purpose = 'C'
	Progress   Purpose = 'S' // asks how far it is
	Complain   Purpose = 'X'
	Correct    Purpose = 'R'
)

// Purposes lists the letters.
const Purposes = "QABVPCSXR"

// Actor is who came. Empty is unknown and counts as the applicant.
type Actor string

// The actors.
const (
	Self  Actor = "self"
	Agent Actor = "agent" // a representative
	Staff Actor = "staff" // a guide, an inspector, a courier: never a visit of the applicant
)

// Channel is where a ticket was taken.
type Channel string

// The channels.
const (
	Kiosk  Channel = "kiosk"
	Desk   Channel = "desk"
	Phone  Channel = "phone"
	Online Channel = "online"
)

// State is how a ticket ended.
type State string

// The states that the rules ask for.
const (
	Done        State = "done"
	NoShow      State = "no_show"
	Abandoned   State = "abandoned"
	Cancelled   State = "cancelled"
	Transferred State = "transferred"
	Waiting     State = "waiting"
)

// End is how a case ended.
type End string

// The ends. Delivered and refused cases count; the other four are left out and counted apart.
const (
	Open        End = "open"
	Delivered   End = "delivered"
	Refused     End = "refused"
	Withdrawn   End = "withdrawn"
	NoAuthority End = "no_authority"
	Test        End = "test"
	Void        End = "void"
)

// Answer is yes, no or, empty, unknown.
type Answer string

// The known answers.
const (
	Yes Answer = "yes"
	No  Answer = "no"
)

// Link says for which case a ticket was, and why.
type Link struct {
	Case    CaseID
	Purpose Purpose
}

// Ticket is one ticket (号票). Times are 0 where unknown.
type Ticket struct {
	ID       hall.TicketID
	From     hall.TicketID // of a transfer: the ticket before
	Links    []Link        // the cases that the ticket names
	Resolved bool          // the links were found by person and matter, not named
	Matters  []hall.MatterCode
	Purposes []Purpose // of a ticket that names no case: one for all its matters, or one each
	Person   Party
	Actor    Actor
	Channel  Channel
	State    State
	Window   hall.WindowID
	Clerk    string
	Hall     hall.ID // where it was taken, where several halls are judged together; empty else

	IssuedAt, CheckedInAt, CalledAt, StartedAt, EndedAt hall.Millis
}

// SubjectKind is what a case's subject is.
type SubjectKind string

// The kinds of subject.
const (
	Person  SubjectKind = "person"
	Company SubjectKind = "company"
)

// Case is one application for one matter, from the first attempt to file to the result delivered.
type Case struct {
	ID          CaseID
	Matter      hall.MatterCode
	Subject     Party
	SubjectKind SubjectKind
	Agent       Party // the representative; empty = none
	End         End

	OpenedAt, AcceptedAt, DecidedAt, ClosedAt hall.Millis

	FirstComplete      Answer
	DeliveryOffered    Answer
	DeliveryChosen     string // mail or collect
	DeliveryRecordedAt hall.Millis
	DecisionOrg        string
	Seal               string
	Deferred           bool // accepted although something small was missing (容缺); only from the hall's own data
	Online             bool // filed without coming; only from the hall's own data
	Register           Register
	Due                hall.Day // the promised day where the hall's clock knows it; else it follows from acceptance and promise
	Suspended          bool     // the clock stands
}

// Register is in whose list of cases a case stands; empty is that of exchange files.
type Register string

// The registers that a hall's own data know.
const (
	HallRegister     Register = "hall"     // opened at a window or a kiosk of the hall
	PlatformRegister Register = "platform" // an approval system is its master
)

// Notice is one list of what is missing (一次性告知). Only a written one is a notice in law.
type Notice struct {
	Case    CaseID
	Seq     int
	At      hall.Millis
	Items   []string
	Written Answer
}

// Referral sends a case from one department or window to another.
type Referral struct {
	Case             CaseID
	At               hall.Millis
	From, To, Reason string
	Accepted         Answer
}

// Standard is what the judging needs of a matter (事项).
type Standard struct {
	Department      string
	Promised        int  // working days; 0 = decided at once
	Statutory       int  `json:",omitempty"` // working days; 0 = unknown
	GuideVisits     bool // the guide lists a visit that the law requires
	SiteVisit       bool
	Transferred     bool     // moved to the approval bureau
	TransferredFrom hall.Day // empty = unknown
}

// Data is what there is to judge. It is only read.
type Data struct {
	Cases     []Case
	Tickets   []Ticket
	Notices   []Notice
	Referrals []Referral
	Standards map[hall.MatterCode]Standard // nil = no list of matters
	Zone      *time.Location
	Calendar  workday.Calendar
	Limits    *Thresholds // of the signals; nil = DefaultThresholds

	// Days is for who keeps much: every ticket of the period and of the look-back of A3, its links resolved, where Tickets
	// holds only those of Cases. Nil where Tickets holds all.
	Days    []Ticket
	Journal *Journal // what only a hall's own journal knows; nil for exchange files
	// Accepted are acceptances of matters in the look-back, beside those of Cases.
	Accepted []Acceptance
}

// Acceptance says that a case of a matter was accepted on a day.
type Acceptance struct {
	Matter hall.MatterCode
	Day    hall.Day
}

// Grouping is by what Report.Groups are made; empty is not at all.
type Grouping string

// The groupings. A case's department is the organisation that decided, else the matter's; its window and week are those
// of its first counted visit.
const (
	ByMatter     Grouping = "matter"
	ByDepartment Grouping = "department"
	ByWindow     Grouping = "window"
	ByWeek       Grouping = "week"
	ByClosing    Grouping = "closing" // the Monday of the week in which the case closed
	ByAgent      Grouping = "agent"
)

// Query says which period to judge, and as seen from which day.
type Query struct {
	From, To  hall.Day // both inclusive
	ReportDay hall.Day
	By        Grouping
	More      []Grouping // further groupings, for Report.More
	AllCases  bool       // list every case, not only those closed in the period
}

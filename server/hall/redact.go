package hall

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
)

// Retention says how long a hall keeps what hangs on a person. Zero stands for the default.
type Retention struct {
	PersonMonths int `json:"person_months,omitempty"` // pseudonyms, status codes and free texts of tickets, cases and ratings
	AuditMonths  int `json:"audit_months,omitempty"`  // from where accounts were used
}

// Retention that holds where a hall sets none: 24 months; the audit at least 6 by law, kept 12 (DOMAIN.md).
const (
	DefaultPersonMonths = 24
	DefaultAuditMonths  = 12
	// MinPersonMonths is longer than the year for which no-shows of appointments count.
	MinPersonMonths = 13
	MinAuditMonths  = 6
)

// Terms are the months that hold.
func (r Retention) Terms() (person, audit int) {
	return cmp.Or(r.PersonMonths, DefaultPersonMonths), cmp.Or(r.AuditMonths, DefaultAuditMonths)
}

// PersonalKinds are the kinds of event that say something about a person with a ticket or an appointment, or what a person
// wrote; events of cases and of tasks are found by their case and rating.
func PersonalKinds() []Kind {
	return []Kind{KindTicketIssued, KindTicketIdentified, KindTicketFinished, KindTicketTransferred, KindTicketHeld, KindTicketMissed,
		KindTicketCancelled, KindTicketAbandoned, KindTicketSplit, KindReceiptReported, KindRatingGiven, KindTaskStepped,
		KindAppointmentBooked, KindAppointmentCancelled, KindCaseLinked}
}

// Redact is a body without what hangs on a person: pseudonyms, codes by which a ticket is found, what somebody typed. What
// reports count stays. Redacting an event and applying it gives what applying and redacting the result gives.
func Redact(body Body) Body {
	switch b := body.(type) {
	case *TicketIssued:
		c := *b
		c.Person, c.Track = "", purgedTrack(string(b.Ticket))
		return &c
	case *TicketIdentified:
		c := *b
		c.Person = ""
		return &c
	case *TicketFinished:
		c := *b
		c.Outcomes = RedactOutcomes(b.Outcomes)
		return &c
	case *TicketTransferred:
		c := *b
		c.Reason, c.Outcomes = RedactText(b.Reason), RedactOutcomes(b.Outcomes)
		return &c
	case *ReceiptReported:
		c := *b
		c.Note = RedactText(b.Note)
		return &c
	case *AppointmentBooked:
		c := *b
		c.Person, c.Code, c.Track = "", "", purgedTrack(string(b.Appointment))
		return &c
	case *AccessRecorded:
		c := *b
		c.Source, c.Note = "", ""
		if b.What == LoginFailed || b.What == PersonDisclosed { // somebody may have typed a password as the name; a pseudonym
			c.User = ""
		}
		return &c
	}
	return redactReason(redactCaseBody(body))
}

// redactReason is Redact for bodies whose only words are the reason.
func redactReason(body Body) Body {
	switch b := body.(type) {
	case *TicketHeld:
		c := *b
		c.Reason = RedactText(b.Reason)
		return &c
	case *TicketMissed:
		c := *b
		c.Reason = RedactText(b.Reason)
		return &c
	case *TicketCancelled:
		c := *b
		c.Reason = RedactText(b.Reason)
		return &c
	case *TicketAbandoned:
		c := *b
		c.Reason = RedactText(b.Reason)
		return &c
	case *TicketSplit:
		c := *b
		c.Reason = RedactText(b.Reason)
		return &c
	case *AppointmentCancelled:
		c := *b
		c.Reason = RedactText(b.Reason)
		return &c
	case *CaseLinked:
		c := *b
		c.Reason = RedactText(b.Reason)
		return &c
	}
	return body
}

// redactCaseBody is Redact for cases and ratings.
func redactCaseBody(body Body) Body {
	switch b := body.(type) {
	case *CaseStarted:
		c := *b
		c.Subject, c.Agent = "", ""
		return &c
	case *CaseStepped:
		c := *b
		d := &c.Detail
		d.Contact, d.Note, d.Reason, d.Tracking, d.DocumentNo = "", "", RedactText(d.Reason), "", ""
		return &c
	case *CaseSynced:
		c := *b
		c.Case = *RedactCase(&b.Case)
		return &c
	case *RatingGiven:
		c := *b
		c.Text = ""
		return &c
	case *TaskStepped:
		c := *b
		c.Text = ""
		return &c
	}
	return body
}

// purgedTrack stands in for a code that nobody could guess, and must be the ticket's own all the same.
func purgedTrack(id string) string { return fmt.Sprintf("purged-%s", id) }

// reasonCode is a reason that a program gave, not a person.
//
//nolint:gochecknoglobals // a constant that Go cannot write
var reasonCode = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// RedactText keeps a reason that is one of the hall's own codes, and nothing that a person typed.
func RedactText(s string) string {
	if reasonCode.MatchString(s) {
		return s
	}
	return ""
}

// RedactOutcomes are outcomes without persons and words.
func RedactOutcomes(list []Outcome) []Outcome {
	out := slices.Clone(list)
	for i := range out {
		out[i].Subject, out[i].Contact, out[i].Note = "", "", ""
	}
	return out
}

// RedactTicket is a ticket without its person and code.
func RedactTicket(t *Ticket) *Ticket {
	c := *t
	c.Person, c.Track, c.Note = "", purgedTrack(string(t.ID)), RedactText(t.Note)
	return &c
}

// RedactCase is a case without its persons and words.
func RedactCase(k *Case) *Case {
	c := *k
	c.Subject, c.Agent, c.Tracking, c.DocumentNo = "", "", "", ""
	c.SuspendedFor, c.ReturnedFor = RedactText(k.SuspendedFor), RedactText(k.ReturnedFor)
	c.Notices = slices.Clone(k.Notices)
	for i := range c.Notices {
		c.Notices[i].Contact = ""
	}
	c.Joint = slices.Clone(k.Joint)
	for i := range c.Joint {
		c.Joint[i].Note = ""
	}
	return &c
}

// RedactTask is a task without words.
func RedactTask(t *Task) *Task {
	c := *t
	c.Finding, c.Answer = "", ""
	return &c
}

// RedactAppointment is an appointment without its person and codes.
func RedactAppointment(a *Appointment) *Appointment {
	c := *a
	c.Person, c.Code, c.Track, c.Reason = "", "", purgedTrack(string(a.ID)), RedactText(a.Reason)
	return &c
}

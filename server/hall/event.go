package hall

import (
	"encoding/json"
	"fmt"
)

// Event is one thing that happened, as it stands in the journal. Events are self-contained, named and versioned: they
// can be read without the state that made them.
type Event struct {
	Seq   uint64 // from 1, without gaps, over the hall's whole life
	Hall  ID
	Day   Day // business day; empty before the first day was opened
	At    Millis
	Actor Actor
	Body  Body
}

// Entry is what one accepted command puts on disk: its events, and what its sender was answered.
type Entry struct {
	Actor  Actor
	Key    string // of the client, empty when it sent none
	Digest string // of the request, to recognise a key used for two different ones
	Answer []byte
	At     Millis
	Events []Event
	// Tickets are the tickets that the events touched, as they are after them.
	Tickets []*Ticket
	// Cases and Tasks likewise.
	Cases []*Case
	Tasks []*Task
	Leads []*Lead
	// Appointments too.
	Appointments []*Appointment
	// Beside is what else the command changes, on disk with its events or not at all: the journal's owner knows what it is.
	Beside any
}

// Body is what happened. The set is closed: every body is a struct of this package.
type Body interface {
	Kind() Kind
	apply(s *State, e *Event)
}

// Kind names a body in the journal, for ever.
type Kind string

// BodyVersion is the version of the bodies' JSON. A body only ever gains optional fields; anything else is a new Kind.
const BodyVersion = 1

// The kinds of event.
const (
	KindLayoutAdopted     Kind = "layout_adopted"
	KindLayoutPlanned     Kind = "layout_planned"
	KindDayOpened         Kind = "day_opened"
	KindDayClosed         Kind = "day_closed"
	KindDayReopened       Kind = "day_reopened"
	KindTicketIssued      Kind = "ticket_issued"
	KindTicketCalled      Kind = "ticket_called"
	KindTicketRecalled    Kind = "ticket_recalled"
	KindTicketStarted     Kind = "ticket_started"
	KindTicketFinished    Kind = "ticket_finished"
	KindTicketHeld        Kind = "ticket_held"
	KindTicketResumed     Kind = "ticket_resumed"
	KindTicketTransferred Kind = "ticket_transferred"
	KindTicketMissed      Kind = "ticket_missed"
	KindTicketReactivated Kind = "ticket_reactivated"
	KindTicketCancelled   Kind = "ticket_cancelled"
	KindTicketAbandoned   Kind = "ticket_abandoned"
	KindReceiptReported   Kind = "receipt_reported"
	KindWindowOpened      Kind = "window_opened"
	KindWindowPaused      Kind = "window_paused"
	KindWindowResumed     Kind = "window_resumed"
	KindWindowClosed      Kind = "window_closed"
	KindDeviceReported    Kind = "device_reported"
	KindScreensArranged   Kind = "screens_arranged"
	KindTicketReopened    Kind = "ticket_reopened"
	KindTicketSplit       Kind = "ticket_split"
	KindTicketIdentified  Kind = "ticket_identified"
	KindWindowHandedOver  Kind = "window_handed_over"
	KindWindowAsked       Kind = "window_asked"
	KindWindowReleased    Kind = "window_released"
	KindCaseStarted       Kind = "case_started"
	KindCaseStepped       Kind = "case_stepped"
	KindCaseSynced        Kind = "case_synced"
	KindCaseLinked        Kind = "case_linked"
	KindRatingGiven       Kind = "rating_given"
	KindTaskStepped       Kind = "task_stepped"
	KindAccessRecorded    Kind = "access_recorded"
	KindLeadStepped       Kind = "lead_stepped"
	KindHistoryImported   Kind = "history_imported"
	KindTicketMarked      Kind = "ticket_marked"

	KindAppointmentBooked    Kind = "appointment_booked"
	KindAppointmentMoved     Kind = "appointment_moved"
	KindAppointmentCancelled Kind = "appointment_cancelled"
	KindAppointmentCheckedIn Kind = "appointment_checked_in"
	KindAppointmentMissed    Kind = "appointment_missed"
	KindPrimaryChanged       Kind = "primary_changed"
	KindRecordsPurged        Kind = "records_purged"
	KindHeadSigned           Kind = "head_signed"
	KindClockSet             Kind = "clock_set"
)

// DecodeBody reads a body back from the journal.
func DecodeBody(kind Kind, payload []byte) (Body, error) {
	body := newBody(kind)
	if body == nil {
		return nil, fmt.Errorf("hall: unknown kind of event %q: this journal was written by a newer Yitang", kind)
	}
	if err := json.Unmarshal(payload, body); err != nil {
		return nil, fmt.Errorf("hall: %s: %w", kind, err)
	}
	return body, nil
}

// newBody returns an empty body of the kind, or nil.
func newBody(kind Kind) Body {
	switch kind {
	case KindLayoutPlanned:
		return new(LayoutPlanned)
	case KindLayoutAdopted:
		return new(LayoutAdopted)
	case KindDayOpened:
		return new(DayOpened)
	case KindDayClosed:
		return new(DayClosed)
	case KindTicketIssued:
		return new(TicketIssued)
	case KindTicketCalled:
		return new(TicketCalled)
	case KindTicketRecalled:
		return new(TicketRecalled)
	case KindTicketStarted:
		return new(TicketStarted)
	case KindTicketFinished:
		return new(TicketFinished)
	case KindTicketHeld:
		return new(TicketHeld)
	case KindTicketResumed:
		return new(TicketResumed)
	case KindTicketTransferred:
		return new(TicketTransferred)
	case KindTicketMissed:
		return new(TicketMissed)
	case KindTicketReactivated:
		return new(TicketReactivated)
	case KindTicketCancelled:
		return new(TicketCancelled)
	case KindTicketAbandoned:
		return new(TicketAbandoned)
	case KindReceiptReported:
		return new(ReceiptReported)
	case KindWindowOpened:
		return new(WindowOpened)
	case KindWindowPaused:
		return new(WindowPaused)
	case KindWindowResumed:
		return new(WindowResumed)
	case KindWindowClosed:
		return new(WindowClosed)
	case KindDeviceReported:
		return new(DeviceReported)
	case KindScreensArranged:
		return new(ScreensArranged)
	case KindAccessRecorded:
		return new(AccessRecorded)
	}
	return newDeskBody(kind)
}

// newDeskBody is newBody for what happens at and behind the windows.
func newDeskBody(kind Kind) Body {
	switch kind {
	case KindTicketReopened:
		return new(TicketReopened)
	case KindTicketSplit:
		return new(TicketSplit)
	case KindTicketIdentified:
		return new(TicketIdentified)
	case KindWindowHandedOver:
		return new(WindowHandedOver)
	case KindWindowAsked:
		return new(WindowAsked)
	case KindWindowReleased:
		return new(WindowReleased)
	case KindCaseStarted:
		return new(CaseStarted)
	case KindCaseStepped:
		return new(CaseStepped)
	case KindCaseSynced:
		return new(CaseSynced)
	case KindCaseLinked:
		return new(CaseLinked)
	case KindRatingGiven:
		return new(RatingGiven)
	case KindTaskStepped:
		return new(TaskStepped)
	case KindLeadStepped:
		return new(LeadStepped)
	case KindHistoryImported:
		return new(HistoryImported)
	case KindTicketMarked:
		return new(TicketMarked)
	}
	if b := newTrustBody(kind); b != nil {
		return b
	}
	return newBookBody(kind)
}

// newTrustBody is newBody for what keeps the record trustworthy.
func newTrustBody(kind Kind) Body {
	switch kind {
	case KindPrimaryChanged:
		return new(PrimaryChanged)
	case KindDayReopened:
		return new(DayReopened)
	case KindRecordsPurged:
		return new(RecordsPurged)
	case KindClockSet:
		return new(ClockSet)
	case KindHeadSigned:
		return new(HeadSigned)
	}
	return nil
}

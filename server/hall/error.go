package hall

import "fmt"

// Error is a refusal that a person is meant to read: a stable code for programs and a sentence in the hall's language
// that says what happened and what to do. Every other error in Yitang is internal.
type Error struct {
	Code    Code
	Message string
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Code names the reason of a refusal.
type Code string

// The reasons for which the rules refuse a command.
const (
	CodeNotFound           Code = "not_found"
	CodeInvalid            Code = "invalid"
	CodeNoCatalogue        Code = "no_catalogue"
	CodeUnknownMatter      Code = "unknown_matter"
	CodeHallClosed         Code = "hall_closed"
	CodeDayOpen            Code = "day_open"
	CodeWindowClosed       Code = "window_closed"
	CodeWindowPaused       Code = "window_paused"
	CodeWindowTaken        Code = "window_taken"
	CodeNotYourWindow      Code = "not_your_window"
	CodeTicketInHand       Code = "ticket_in_hand"
	CodeNoTicketInHand     Code = "no_ticket_in_hand"
	CodeNotStarted         Code = "not_started"
	CodeAlreadyServing     Code = "already_serving"
	CodeNotHeld            Code = "not_held"
	CodeNotMissed          Code = "not_missed"
	CodeTooLate            Code = "too_late"
	CodeNothingToUndo      Code = "nothing_to_undo"
	CodeAlreadyReactivated Code = "already_reactivated"
	CodeInHand             Code = "in_hand"
	CodeEnded              Code = "ticket_ended"
	CodeLayoutInUse        Code = "layout_in_use"
	CodeLayoutChanged      Code = "layout_changed"
	CodeDayOver            Code = "day_over"
	CodeTooManyOpen        Code = "too_many_open"
	CodeTooManyToday       Code = "too_many_today"
	CodeNumberTaken        Code = "number_taken"
	CodeRecallLimit        Code = "recall_limit"
	CodeRecallFirst        Code = "recall_first"
	CodeTooSoon            Code = "too_soon"
	CodeCaseState          Code = "case_state"
	CodeCaseClosed         Code = "case_closed"
	CodeJointOpen          Code = "joint_open"
	CodeNotYourCase        Code = "not_your_case"
	CodeNotServed          Code = "not_served"
	CodeAlreadyRated       Code = "already_rated"
	CodeOwnRating          Code = "own_rating"
	CodeTaskState          Code = "task_state"
	CodeLeadState          Code = "lead_state"
	CodeNoBooking          Code = "no_booking"
	CodeSlotFull           Code = "slot_full"
	CodeTooEarly           Code = "too_early"
	CodeTooManyMissed      Code = "too_many_missed"
	CodeAppointmentState   Code = "appointment_state"
	CodeClockAhead         Code = "clock_ahead"
	CodeClockRight         Code = "clock_right"
)

func refuse(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

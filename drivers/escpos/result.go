package escpos

import "time"

// Outcome is what is known of a job.
type Outcome string

// The outcomes.
const (
	Printed Outcome = "printed" // the printer answered after the last byte was on paper
	Sent    Outcome = "sent"    // the bytes left; the cable or the printer tells no more
	Failed  Outcome = "failed"
)

// Reason is a stable code of why a job failed, or a warning.
type Reason string

// The reasons.
const (
	PaperOut       Reason = "paper_out"
	PaperLow       Reason = "paper_low" // only as a warning
	CoverOpen      Reason = "cover_open"
	CutterError    Reason = "cutter_error"
	HeadHot        Reason = "head_hot"
	PaperJam       Reason = "paper_jam"
	PrinterError   Reason = "printer_error"
	PrinterOffline Reason = "printer_offline"
	NoAnswer       Reason = "no_answer"
	Unplugged      Reason = "unplugged"
	LineBusy       Reason = "line_busy" // the printer takes no more bytes, or another program holds the line
	Cancelled      Reason = "cancelled"
)

// Sentence says the reason to a person.
func (r Reason) Sentence() string {
	switch r {
	case PaperOut:
		return "the printer is out of paper"
	case PaperLow:
		return "the paper roll is nearly used up"
	case CoverOpen:
		return "the printer's cover is open"
	case CutterError:
		return "the printer's cutter is stuck"
	case HeadHot:
		return "the print head is too hot; it goes on by itself when it has cooled down"
	case PaperJam:
		return "the paper is jammed"
	case PrinterError:
		return "the printer reports an error: switch it off and on"
	case PrinterOffline:
		return "the printer is offline"
	case NoAnswer:
		return "the printer does not answer: is it switched on, and is the baud rate right?"
	case Unplugged:
		return "the printer is unplugged"
	case LineBusy:
		return "the printer takes no bytes: is it held by a full buffer or an error, or does another program use its line?"
	case Cancelled:
		return "the job was given up"
	}
	return string(r)
}

// Result is what became of a job.
type Result struct {
	Outcome Outcome
	Reason  Reason // of Failed
	Message string // of Failed: the reason in words
	Warning Reason // "" or PaperLow
	// Uncertain is true of a failed job that was at least partly sent: paper may show it, now or when the trouble is over.
	Uncertain bool
	Took      time.Duration
}

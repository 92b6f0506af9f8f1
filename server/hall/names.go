package hall

import "strings"

// Named types for identities, so that no bare string or number names a thing of the hall.
type (
	// ID names one hall among many.
	ID string
	// TicketID is the business day and the number, for example 20250603-A012: unique within a hall for ever.
	TicketID string
	// WindowID is the number on a window (窗口), for example "3".
	WindowID string
	// MatterCode names a matter (事项), for example SCJG-004.
	MatterCode string
	// FieldID is the letter of a field (领域), A to Z.
	FieldID string
	// Actor is who did something: "clerk:li", "kiosk:k1", "system".
	Actor string
	// Day is a business day of the hall, YYYY-MM-DD in its own time zone.
	Day string
	// Millis is an instant, milliseconds since 1970 UTC.
	Millis int64
)

// Text is one text in several languages, keyed by "zh", "ug", "kk" or "en". Chinese is always there.
type Text map[string]string

// System is the actor of what the hall does by itself.
const System Actor = "system"

const counterPrefix = "counter:"

// atCounter tells a device with keys on a window's counter (叫号键盘), such as "counter:pad-3". Nobody logs in at a keypad: what is
// pressed there is done in the name of the clerk who works at the window. Whoever makes the actor has made sure that the
// device belongs to that window.
func (a Actor) atCounter() bool { return strings.HasPrefix(string(a), counterPrefix) }

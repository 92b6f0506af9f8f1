package hall

// Line is one event as an auditor reads it: who did what when. What the event says about applicants is not in it.
type Line struct {
	Seq     uint64
	At      Millis
	Actor   Actor
	Kind    Kind
	Subject string // the ticket, window or case it is about; empty where it is about none
	Access  *AccessRecorded
}

// LineFilter chooses lines, the newest first.
type LineFilter struct {
	Before uint64 // only with a smaller number; 0 = from the newest on
	All    bool   // whatever happened; else only what was done about accounts
	User   string // who did it or whom it is about; empty = anybody
	Limit  int
}

// Line tells of an event what an auditor reads.
func (e *Event) Line() Line {
	l := Line{Seq: e.Seq, At: e.At, Actor: e.Actor, Kind: e.Body.Kind(), Subject: string(e.Subject())}
	if a, ok := e.Body.(*AccessRecorded); ok {
		l.Access = a
	}
	return l
}

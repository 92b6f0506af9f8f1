package hall

// What keeps the hall's own record trustworthy: which server is the primary, what retention took out, whose signature
// stands under a day. Each is an event, so that it is chained, copied and replayed like any other; none moves a ticket.

// TakeOver makes this server the primary (主服务器) of an epoch. Epochs only rise: whoever knows a higher one has been replaced.
type TakeOver struct {
	Epoch   int
	Planned bool   // the old primary handed over; else it was lost
	From    string // address of the old primary
	Place   uint64 // of the last answer that the new one had
}

func (c TakeOver) decide(*State, call) ([]Body, error) {
	return []Body{&PrimaryChanged{Epoch: c.Epoch, Planned: c.Planned, From: c.From, Place: c.Place}}, nil
}

// PrimaryChanged says that from here on another server writes this journal.
type PrimaryChanged struct {
	Epoch   int    `json:"epoch"`
	Planned bool   `json:"planned"`
	From    string `json:"from,omitempty"`
	Place   uint64 `json:"place"` // of the last answer that the new one had
}

// Purge takes the personal part out of what has been kept long enough; see RecordsPurged.
type Purge struct{ RecordsPurged }

func (c Purge) decide(*State, call) ([]Body, error) {
	b := c.RecordsPurged
	return []Body{&b}, nil
}

// RecordsPurged says what retention took out, and under which digest the rest can be recognised. The journal does the work
// in the transaction that writes the event.
type RecordsPurged struct {
	Through Day    `json:"through"` // business days up to this one
	After   uint64 `json:"after"`   // events about tickets and ratings with numbers in (After, To]
	To      uint64 `json:"to"`
	// Cases and tasks that were closed in [ClosedFrom, ClosedBefore).
	ClosedFrom   Millis `json:"closed_from"`
	ClosedBefore Millis `json:"closed_before"`
	// Access records with numbers in (AuditAfter, AuditTo] lose their source, note and failed names.
	AuditAfter uint64 `json:"audit_after"`
	AuditTo    uint64 `json:"audit_to"`

	Records int    `json:"records"` // events that were changed; filled in by the journal, as is the next
	Digest  string `json:"digest"`  // SHA-256 over number and payload of each as it is now, hex
}

// SignHead puts a signature under the journal as it stood after an event.
type SignHead struct{ HeadSigned }

func (c SignHead) decide(*State, call) ([]Body, error) {
	b := c.HeadSigned
	return []Body{&b}, nil
}

// HeadSigned is the head of the journal at the end of a business day, signed.
type HeadSigned struct {
	Of        Day    `json:"of_day"`
	Seq       uint64 `json:"seq"`
	Hash      string `json:"hash"` // of event Seq, hex
	Algorithm string `json:"algorithm"`
	Key       string `json:"key"`       // public key, base64
	Signature string `json:"signature"` // base64
}

// Kind names the body in the journal.
func (*PrimaryChanged) Kind() Kind { return KindPrimaryChanged }

// Kind names the body in the journal.
func (*RecordsPurged) Kind() Kind { return KindRecordsPurged }

// Kind names the body in the journal.
func (*HeadSigned) Kind() Kind { return KindHeadSigned }

func (*PrimaryChanged) apply(*State, *Event) {}
func (*RecordsPurged) apply(*State, *Event)  {}
func (*HeadSigned) apply(*State, *Event)     {}

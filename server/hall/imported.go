package hall

// HistoryImported says that the history of another system, or of an older one, was taken over and replaced what was
// imported before. The rows themselves are no events; Digest lets `yitang verify` see that nobody has changed them since.
type HistoryImported struct {
	Cases     int    `json:"cases"`
	Tickets   int    `json:"tickets"`
	Notices   int    `json:"notices"`
	Referrals int    `json:"referrals"`
	Digest    string `json:"digest"` // of the imported tables, hexadecimal; see db.PastDigest
}

// Kind names the body in the journal.
func (*HistoryImported) Kind() Kind { return KindHistoryImported }

func (*HistoryImported) apply(*State, *Event) {}

// ImportHistory records an import in the journal.
type ImportHistory struct{ HistoryImported }

func (c ImportHistory) decide(*State, call) ([]Body, error) {
	b := c.HistoryImported
	return []Body{&b}, nil
}

package wire

import "time"

// PublicHall is what a hall tells everybody: how long one waits now, and how often people had to come.
type PublicHall struct {
	Hall    Hall         `json:"hall"`
	At      time.Time    `json:"at"`
	Waiting int          `json:"waiting"`
	Windows int          `json:"windows"` // open now
	Fields  []FieldLoad  `json:"fields"`
	Month   *PublicMonth `json:"month"` // null while nothing can be told of last month
}

// PublicMonth is run-at-most-once of a month that has ended: always the three rates together, or bounds where too few
// tickets could be linked to their cases.
type PublicMonth struct {
	From  string       `json:"from"`
	To    string       `json:"to"`
	Rates []PublicRate `json:"rates"`
	// Bounds are given instead of points where less than 95 % of the tickets are linked.
	Bounds *PublicBounds `json:"bounds"`
	// Kept is the share of promised cases decided in time; null where there were fewer than five.
	Kept *PublicRate `json:"kept"`
}

// PublicRate is a share with its 95 % interval and the number of cases.
type PublicRate struct {
	Kind string  `json:"kind"` // all, law, opened or kept
	Rate float64 `json:"rate"`
	Lo   float64 `json:"lo"`
	Hi   float64 `json:"hi"`
	N    int     `json:"n"`
}

// PublicBounds are between what the share lies.
type PublicBounds struct {
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
}

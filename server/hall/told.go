package hall

// Told is the forecast that a ticket was given at its issue: the wait until its first call, in seconds. It stays in the
// journal, so that it can be judged afterwards.
type Told struct {
	P50S int `json:"p50_s"`
	P80S int `json:"p80_s"`
	P90S int `json:"p90_s"`
	// The same before the correction by field and hour, which is learnt from them.
	Raw50S int `json:"raw50_s"`
	Raw80S int `json:"raw80_s"`
	Raw90S int `json:"raw90_s"`
}

// PastService is one leg of a past ticket, with what forecasts learn from.
type PastService struct {
	Day      Day
	Field    FieldID
	Matters  []MatterCode
	Priority Priority
	Deliver  bool
	IssuedAt Millis
	Told     *Told
	Leg      int
	Window   WindowID // empty for a ticket that nobody called, as what follows
	Clerk    Actor
	CalledAt Millis
	EndedAt  Millis // 0 while it lasts
	NoShow   bool
	LeftAt   Millis // when a ticket that nobody had called was given up; 0 for others, also where the day closed around it
}

// PastSpell is a time in which a window was open; Until is 0 while it still is.
type PastSpell struct {
	Window       WindowID
	Since, Until Millis
	Unended      bool // nobody ended it but the end of the day
}

package hall

// Dossier is everything that a hall keeps about one person, for that person: found by the pseudonym of the number that was shown.
type Dossier struct {
	Tickets      []HeldTicket   `json:"tickets"`
	Cases        []*Case        `json:"cases"`
	Appointments []*Appointment `json:"appointments"`
}

// HeldTicket is a ticket with what was done for it, and how the person rated it.
type HeldTicket struct {
	Ticket    TicketID     `json:"ticket"`
	Matters   []MatterCode `json:"matters"`
	Priority  Priority     `json:"priority"`
	Language  string       `json:"language"`
	Channel   string       `json:"channel"`
	Actor     string       `json:"actor"` // self or agent
	State     TicketState  `json:"state"`
	Track     string       `json:"track"`
	Note      string       `json:"note,omitempty"`
	IssuedAt  Millis       `json:"issued_at"`
	CalledAt  Millis       `json:"called_at,omitempty"`
	StartedAt Millis       `json:"started_at,omitempty"`
	EndedAt   Millis       `json:"ended_at,omitempty"`
	Services  []Service    `json:"services"`
	Ratings   []Rating     `json:"ratings"`
}

package wire

import "time"

// Webhooks lists the addresses that are told about cases and ratings, and what they did not take.
type Webhooks struct {
	Webhooks []Webhook `json:"webhooks"`
	Letters  []Letter  `json:"letters"` // newest first
}

// Webhook is an address that is told things. Its secret is not shown.
type Webhook struct {
	ID        string   `json:"id"`
	URL       string   `json:"url"`
	Topics    []string `json:"topics"` // case, rating
	Algorithm string   `json:"algorithm"`
	Place     uint64   `json:"place"` // number of the last event that is settled
}

// Letter is an event that an address did not take in all attempts.
type Letter struct {
	Webhook  string    `json:"webhook"`
	Letter   uint64    `json:"letter"` // number of the event
	At       time.Time `json:"at"`
	Attempts int       `json:"attempts"`
	Reason   string    `json:"reason"`
}

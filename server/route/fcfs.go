// Package route decides which ticket a free window calls. It is pure: the hall's State and the time come in.
package route

import "yitang/server/hall"

// FCFS calls the ticket that came first among those the window has a skill for.
type FCFS struct{}

var _ hall.Rule = FCFS{}

// Next implements hall.Rule.
func (FCFS) Next(s *hall.State, w hall.WindowID, now hall.Millis) (*hall.Ticket, hall.Why) {
	best, n := first(nil, s.WaitingAt(w))
	for _, f := range s.Plan(w).Fields {
		head, k := first(best, s.WaitingFor(f))
		best, n = head, n+k
	}
	if best == nil {
		return nil, hall.Why{}
	}
	return best, hall.Why{Rule: "fcfs", Version: 1, Candidates: n, WaitedMS: int64(now - best.IssuedAt)}
}

// first returns the earlier of best and the head of the queue, and the queue's length.
func first(best *hall.Ticket, queue []*hall.Ticket) (*hall.Ticket, int) {
	if len(queue) > 0 && (best == nil || queue[0].Before(best)) {
		best = queue[0]
	}
	return best, len(queue)
}

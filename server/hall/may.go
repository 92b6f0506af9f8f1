package hall

import "slices"

// Offer is what the clerk who works at a window may do with it: names of acts as the API has them, so that a page need
// not know the rules. What a request itself lacks or names wrongly is judged when it comes.
type Offer struct {
	Acts       []string
	RecallFrom Millis // a recall is refused before; 0 = none is offered, or at once
	NoShowFrom Millis // the same for a no-show
}

// Offer says what may be done with a window on an open business day.
func (d Desk) Offer(w *Window) Offer {
	switch {
	case w.State == Closed:
		return Offer{Acts: []string{"open"}}
	case w.State == Paused:
		return Offer{Acts: []string{"resume", "close", "hand-over"}}
	case w.Ticket == nil:
		return Offer{Acts: []string{"next", "pause", "close", "hand-over"}}
	case w.Ticket.State == Serving:
		acts := []string{"finish", "hold", "transfer", "identify", "hand-over"}
		if len(w.Ticket.Remaining) > 1 {
			acts = append(acts, "split")
		}
		return Offer{Acts: acts}
	}
	return d.offerCalled(w.Ticket)
}

// offerCalled is what may be done while the called person is on the way.
func (d Desk) offerCalled(t *Ticket) Offer {
	o := Offer{Acts: []string{"start", "finish", "transfer", "identify", "hand-over"}}
	var again Millis
	if d.RecallEveryS > 0 {
		again = t.lastCallAt + Millis(d.RecallEveryS)*1000
	}
	if d.Calls == 0 || t.Calls < d.Calls {
		o.Acts, o.RecallFrom = append(o.Acts, "recall"), again
	}
	switch {
	case !d.LastCallFirst:
		o.Acts = append(o.Acts, "no-show")
	case t.Calls >= d.Calls:
		o.Acts, o.NoShowFrom = append(o.Acts, "no-show"), again
	}
	return o
}

// Ending is an outcome that a matter may have, with the purpose that follows from it.
type Ending struct {
	Outcome string
	Purpose Purpose
}

// Endings lists the outcomes of a matter with the open case behind it, or nil. Old says that a closed one is known.
func Endings(c *Case, old bool) []Ending {
	var out []Ending
	for _, name := range Outcomes() {
		o, behind := Outcome{Outcome: name}, c
		if c != nil && c.DecidedAt != 0 && o.Files() && name != OutcomeCorrected {
			behind = nil // a new application for the same matter
		}
		switch {
		case c != nil && name == OutcomeCollected && c.DecidedAt == 0, c != nil && name == OutcomeWithdrawn && c.DecidedAt != 0,
			behind != nil && name == OutcomeNoAuthority && behind.AcceptedAt != 0:
			continue
		}
		settled := behind != nil && behind.DecidedAt != 0 || behind == nil && old
		out = append(out, Ending{Outcome: name, Purpose: o.purpose(behind, settled)})
	}
	return out
}

// StepsFor lists what may be done to the case now by who acts for a department, or for every one when only is empty.
// What a request itself lacks is judged when it comes; steps that would change nothing are left out.
func (c *Case) StepsFor(only string) []CaseStep {
	return slices.DeleteFunc(stepsIn(c.State), func(step CaseStep) bool {
		switch step {
		case StepOpinion:
			return !c.Awaits() || only != "" && !c.awaits(only)
		case StepDecide:
			if c.Awaits() {
				return true
			}
		case StepExtend:
			if c.ExtendedDays >= MaxExtendDays {
				return true
			}
		case StepReady:
			if c.State == CaseReady {
				return true
			}
		case StepAcknowledge:
			if c.AcknowledgedAt != 0 {
				return true
			}
		}
		return only != "" && only != c.Department
	})
}

// awaits says whether the opinion of one department is outstanding.
func (c *Case) awaits(department string) bool {
	return slices.ContainsFunc(c.Joint, func(o Opinion) bool { return o.Department == department && o.Result == "" })
}

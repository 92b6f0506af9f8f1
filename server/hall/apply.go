package hall

import (
	"cmp"
	"maps"
	"slices"
)

func (b *LayoutAdopted) apply(s *State, _ *Event) {
	s.planned = nil // it was made from the layout that goes
	s.adopt(&b.Layout)
}

func (b *DayOpened) apply(s *State, e *Event) {
	s.clearDay()
	s.files.newDay()
	s.tasks.newDay()
	s.newAppointmentDay(e.Day)
	s.day, s.open, s.until, s.endedBy = e.Day, true, b.IssueUntil, ""
	maps.Copy(s.issued, b.Given.Numbers)
	s.files.opened = b.Given.Cases
}

func (b *DayClosed) apply(s *State, e *Event) { s.open, s.endedBy = false, e.Actor }

func (b *DayReopened) apply(s *State, _ *Event) { s.open, s.endedBy = true, "" }

func (b *TicketIssued) apply(s *State, e *Event) {
	at := b.IssuedAt
	if at == 0 { // a number of the hall's own
		at = e.At
		s.issued[b.letter()]++
	}
	t := &Ticket{
		ID: b.Ticket, Number: b.Number, Field: b.Field, Matters: b.Matters, Remaining: b.Matters,
		Priority: b.Priority, Language: b.Language, Channel: b.Channel, PersonKind: b.PersonKind, Person: b.Person,
		Track: b.Track, State: Waiting, Since: cmp.Or(b.Since, at), IssuedAt: at, Order: e.Seq, Slot: b.Slot, Deliver: b.Deliver,
		Actor: cmp.Or(b.Actor, "self"), Cases: b.Cases, From: b.From, For: b.To, Told: b.Told, Papers: b.Papers,
	}
	t.Place = t.Since
	s.tickets[t.ID] = t
	s.own(t)
	s.totals.Issued++
	s.enter(t)
}

// own counts the ticket among its person's.
func (s *State) own(t *Ticket) {
	if t.Person != "" {
		s.persons[t.Person] = append(s.persons[t.Person], t.ID)
	}
}

// letter is the field that gave the number its letter.
func (b *TicketIssued) letter() FieldID { return FieldID(b.Number[:1]) }

func (b *TicketCalled) apply(s *State, e *Event) {
	t := s.edit(b.Ticket, func(t *Ticket) {
		t.State, t.Window, t.Leg, t.Calls, t.CalledAt = Called, b.Window, b.Leg, 1, e.At
		t.StartedAt, t.EndedAt, t.lastCallAt, t.clerk = 0, 0, e.At, b.Clerk
	})
	s.windows[b.Window].ticket, s.windows[b.Window].undo = t.ID, nil
	s.floor.Called(s.windows[b.Window].post, b.Why.Passed)
	s.announce(t, e)
}

func (b *TicketRecalled) apply(s *State, e *Event) {
	t := s.edit(b.Ticket, func(t *Ticket) { t.Calls, t.lastCallAt = b.Calls, e.At })
	s.announce(t, e)
}

// announce puts a call on top of the recent ones; a recall takes the place of the call before it. A call that nobody has
// followed yet stays, however many come after it: there is at most one for each window. A view has a list of its own.
func (s *State) announce(t *Ticket, e *Event) {
	list := slices.DeleteFunc(s.calls, func(c Call) bool { return c.Ticket == t.ID })
	c := Call{Seq: e.Seq, Ticket: t.ID, Number: t.Number, Field: t.Field, Window: t.Window, Calls: t.Calls, At: e.At}
	over := len(list) + 1 - maxCalls
	s.calls = append(slices.DeleteFunc(list, func(c Call) bool {
		drop := over > 0 && s.tickets[c.Ticket].State != Called
		if drop {
			over--
		}
		return drop
	}), c)
}

func (b *TicketStarted) apply(s *State, e *Event) {
	s.edit(b.Ticket, func(t *Ticket) {
		t.State, t.StartedAt, t.For, t.lastServed, t.begun = Serving, e.At, "", t.clerk, cmp.Or(t.begun, e.At)
	})
}

func (b *TicketFinished) apply(s *State, e *Event) {
	w := s.windows[b.Window]
	w.undo = s.undoable(w, s.tickets[b.Ticket], e.At)
	t := s.edit(b.Ticket, func(t *Ticket) { t.State, t.EndedAt, t.Remaining = Done, e.At, nil })
	w.ticket, w.last = "", t.ID
	w.served++
	s.served[t.Field]++
}

func (b *TicketHeld) apply(s *State, e *Event) {
	s.edit(b.Ticket, func(t *Ticket) { t.State, t.EndedAt, t.Note = Held, e.At, b.Reason })
	s.windows[b.Window].ticket = ""
}

func (b *TicketResumed) apply(s *State, e *Event) {
	s.edit(b.Ticket, func(t *Ticket) {
		t.Note = ""
		place := Millis(0)
		if t.sentOn {
			place, t.sentOn = t.Since, false
		}
		if !b.Serving {
			t.State, t.For, t.Place = Waiting, b.For, place
			t.Calls, t.CalledAt, t.StartedAt, t.EndedAt = 0, 0, 0, 0
			return
		}
		t.State, t.Window, t.Leg, t.For = Serving, b.Window, b.Leg, ""
		t.CalledAt, t.StartedAt, t.EndedAt, t.clerk, t.lastServed = e.At, e.At, 0, e.Actor, e.Actor
	})
	if b.Serving {
		s.windows[b.Window].ticket, s.windows[b.Window].undo = b.Ticket, nil
	}
}

func (b *TicketTransferred) apply(s *State, e *Event) {
	delete(s.touched, b.Ticket)
	if w := s.windows[b.Window]; w != nil && w.ticket == b.Ticket {
		w.ticket = ""
		if s.tickets[b.Ticket].State == Serving {
			w.served++
			w.last = b.Ticket
		}
	}
	s.edit(b.Ticket, func(t *Ticket) {
		if t.State != Waiting { // one that waits already keeps also a place at the head
			t.Place = t.Since
			t.Directed = b.To == "" && b.Reason != reasonNextMatter
		}
		t.State, t.For, t.Field = Waiting, b.To, b.Field
		if b.Own() {
			t.begun = 0
		}
		t.Remaining, t.Note, t.CalledAt, t.StartedAt, t.Calls = b.Left, b.Reason, 0, 0, 0
		if b.Later {
			t.State, t.sentOn, t.EndedAt = Held, true, e.At
		}
	})
}

func (b *TicketMissed) apply(s *State, e *Event) {
	s.edit(b.Ticket, func(t *Ticket) { t.State, t.EndedAt = NoShow, e.At })
	s.windows[b.Window].ticket = ""
}

func (b *TicketReactivated) apply(s *State, e *Event) {
	s.edit(b.Ticket, func(t *Ticket) {
		if b.Reopened {
			t.State, t.For, t.EndedAt, t.Note = Waiting, b.For, 0, ""
			if b.Held {
				t.State, t.EndedAt = Held, e.At
			}
			return
		}
		t.State, t.Place, t.For, t.Reactivated = Waiting, t.Since, b.For, true
		t.Calls, t.CalledAt, t.EndedAt = 0, 0, 0
	})
}

func (b *TicketCancelled) apply(s *State, e *Event) {
	s.edit(b.Ticket, func(t *Ticket) { t.State, t.EndedAt, t.Note = Cancelled, e.At, b.Reason })
}

func (b *TicketAbandoned) apply(s *State, e *Event) {
	s.edit(b.Ticket, func(t *Ticket) { t.State, t.EndedAt, t.Note = Abandoned, e.At, b.Reason })
}

func (b *ReceiptReported) apply(s *State, _ *Event) {
	t := s.edit(b.Ticket, func(t *Ticket) { t.Print = b.State })
	s.failed = without(s.failed, t.ID)
	if b.State.Unproven() {
		s.failed = last(append(s.failed, t), maxFailed)
	}
}

func (b *WindowOpened) apply(s *State, e *Event) {
	s.setWindow(b.Window, Open, b.Clerk, "", e.At)
}

func (b *WindowPaused) apply(s *State, e *Event) {
	s.setWindow(b.Window, Paused, s.windows[b.Window].clerk, b.Reason, e.At)
	s.windows[b.Window].until = b.Until
}

func (b *WindowHandedOver) apply(s *State, e *Event) {
	w := s.windows[b.Window]
	w.clerk, w.since = b.Clerk, e.At
	if t := s.inHand(w); t != nil {
		s.edit(t.ID, func(t *Ticket) {
			t.clerk = b.Clerk
			if t.State == Serving {
				t.lastServed = b.Clerk
			}
		})
	}
}

func (b *TicketSplit) apply(s *State, _ *Event) {
	s.edit(b.Ticket, func(t *Ticket) {
		gone := func(m MatterCode) bool { return slices.Contains(b.Matters, m) }
		t.Remaining = slices.DeleteFunc(slices.Clone(t.Remaining), gone)
	})
}

func (b *TicketIdentified) apply(s *State, _ *Event) {
	before := s.tickets[b.Ticket].Person
	s.persons[before] = slices.DeleteFunc(s.persons[before], func(id TicketID) bool { return id == b.Ticket })
	s.own(s.edit(b.Ticket, func(t *Ticket) { t.PersonKind, t.Person, t.Actor = b.PersonKind, b.Person, cmp.Or(b.Actor, t.Actor) }))
}

func (b *WindowResumed) apply(s *State, e *Event) {
	s.setWindow(b.Window, Open, s.windows[b.Window].clerk, "", e.At)
}

func (b *WindowClosed) apply(s *State, e *Event) {
	s.setWindow(b.Window, Closed, "", "", e.At)
}

func (s *State) setWindow(id WindowID, state WindowState, clerk Actor, reason string, at Millis) {
	w := s.windows[id]
	w.state, w.clerk, w.reason, w.until, w.since = state, clerk, reason, 0, at
}

func (b *DeviceReported) apply(s *State, e *Event) {
	s.device(Device{Device: b.Device, Part: b.Part, State: b.State, Reason: b.Reason, Note: b.Note, Since: e.At})
}

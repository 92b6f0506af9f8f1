package hall

import "slices"

// Floor is the hall as a calling rule sees it. Only the State changes it.
func (s *State) Floor() *Floor { return s.floor }

// TicketByOrder is the ticket that an Stand of the floor names, or nil.
func (s *State) TicketByOrder(order uint64) *Ticket { return s.tickets[s.byOrder[order]] }

// Post is a window's place on the floor, or AnyPost when the layout lacks it.
func (s *State) Post(id WindowID) PostNo {
	if w := s.windows[id]; w != nil {
		return w.post
	}
	return AnyPost
}

// Floor makes an empty floor for the layout, all windows closed. The skill of a field's act is field × 3 + act, both by
// their places in the layout and in Acts.
func (l *Layout) Floor() *Floor {
	posts := make([]Post, len(l.Windows))
	for i := range l.Windows {
		w, p := &l.Windows[i], &posts[i]
		for j := range l.Fields {
			f := l.Fields[j].ID
			for a, act := range Acts() {
				if !w.May(f, act) {
					continue
				}
				k := SkillNo(j*len(Acts()) + a)
				p.Skills = append(p.Skills, k)
				if f == w.Fields[0] {
					p.Primary = append(p.Primary, k)
				}
			}
		}
	}
	return NewFloor(l.Terms(), len(l.Fields)*len(Acts()), posts)
}

// Act is what an applicant with the matter wants done.
func (m *Matter) Act(deliver bool) Act {
	switch {
	case deliver:
		return Deliver
	case m.Kind == OnTheSpot:
		return DecideNow
	}
	return Receive
}

// Skill is the skill for an act of a field. Where no window of the layout has it, it is another act of the field, so
// that a gap in the skills strands nobody. Ok is false for an unknown field.
func (f *Floor) Skill(l *Layout, id FieldID, a Act) (k SkillNo, ok bool) {
	for j := range l.Fields {
		if l.Fields[j].ID != id {
			continue
		}
		base := j * len(Acts())
		for i, act := range Acts() {
			if act == a && f.Held(SkillNo(base+i)) > 0 {
				return SkillNo(base + i), true
			}
		}
		for i := range Acts() {
			if f.Held(SkillNo(base+i)) > 0 {
				return SkillNo(base + i), true
			}
		}
		return SkillNo(base), true
	}
	return 0, false
}

// serves says whether the window can do the matter, as the rule sees it.
func (s *State) serves(w *window, m *Matter, deliver bool) bool {
	k, ok := s.floor.Skill(s.layout, m.Field, m.Act(deliver))
	return ok && s.floor.posts[w.post].Has(k)
}

func (s *State) needOf(t *Ticket) *Need { return s.layout.Wants(s.floor, s.matters, t) }

// Wants is what a waiting ticket wants on a floor of the layout: its remaining matters; or its queue's field alone,
// where a clerk sent it there.
func (l *Layout) Wants(f *Floor, matters map[MatterCode]*Matter, t *Ticket) *Need {
	post := AnyPost
	if t.For != "" {
		post = PostNo(slices.IndexFunc(l.Windows, func(w WindowPlan) bool { return w.ID == t.For }))
	}
	var skills []SkillNo
	sent := true
	for _, code := range t.Remaining {
		m := matters[code]
		if m == nil {
			continue
		}
		if k, ok := f.Skill(l, m.Field, m.Act(t.Deliver)); ok {
			skills = append(skills, k)
		}
		sent = sent && m.Field != t.Field
	}
	if sent || t.Directed {
		act := Receive
		if t.Deliver {
			act = Deliver
		}
		if k, ok := f.Skill(l, t.Field, act); ok {
			skills = []SkillNo{k}
		}
	}
	return f.Need(skills, post)
}

func standOf(t *Ticket) Stand {
	e := Stand{Since: t.Place, Order: t.Order}
	if t.Place == 0 {
		e.Since = First
	}
	return e
}

// stand puts a waiting ticket on the floor, unstand takes it off again.
func (s *State) stand(t *Ticket) {
	s.byOrder[t.Order] = t.ID
	s.floor.Add(s.needOf(t), t.Priority.Class(), standOf(t))
}

func (s *State) unstand(t *Ticket) {
	s.floor.Remove(s.needOf(t), t.Priority.Class(), standOf(t))
}

// sameStand says whether a ticket's change leaves its stand on the floor.
func (s *State) sameStand(old, t *Ticket) bool {
	return standOf(old) == standOf(t) && old.Priority.Class() == t.Priority.Class() && s.needOf(old) == s.needOf(t)
}

// refloor makes the floor anew from the layout, the windows and who waits.
func (s *State) refloor() {
	s.floor = s.layout.Floor()
	s.byOrder = map[uint64]TicketID{}
	for i, id := range s.order {
		s.windows[id].post = PostNo(i)
		s.syncPost(id, s.windows[id].freeSince)
	}
	for _, t := range s.sorted() {
		if t.State == Waiting {
			s.stand(t)
		}
	}
}

// atWindow is a body that may change what a window is doing.
type atWindow interface{ window() WindowID }

func (b *TicketCalled) window() WindowID      { return b.Window }
func (b *TicketFinished) window() WindowID    { return b.Window }
func (b *TicketHeld) window() WindowID        { return b.Window }
func (b *TicketResumed) window() WindowID     { return b.Window }
func (b *TicketTransferred) window() WindowID { return b.Window }
func (b *TicketMissed) window() WindowID      { return b.Window }
func (b *WindowOpened) window() WindowID      { return b.Window }
func (b *WindowPaused) window() WindowID      { return b.Window }
func (b *WindowResumed) window() WindowID     { return b.Window }
func (b *WindowClosed) window() WindowID      { return b.Window }

// syncPost tells the floor how a window is.
func (s *State) syncPost(id WindowID, at Millis) {
	w := s.windows[id]
	if w == nil {
		return
	}
	state := PostClosed
	switch {
	case w.state == Open && w.ticket != "":
		state = PostBusy
	case w.state == Open:
		state = PostFree
	}
	if state == PostFree && s.floor.posts[w.post].State != PostFree {
		w.freeSince = at
	}
	s.floor.Set(w.post, state, at)
}

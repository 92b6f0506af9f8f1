package runonce

import (
	"slices"
	"strings"
)

// decidedOutside is A4: cases of transferred matters that another organisation than the bureau decided.
func (j *judge) decidedOutside() ([]Signal, bool) {
	s, bureau := shares{}, false
	j.each(decided, func(f *file) {
		if !j.transferred(f) || f.c.DecisionOrg == "" {
			return
		}
		ours := slices.ContainsFunc(j.limits.Bureau, func(part string) bool { return strings.Contains(f.c.DecisionOrg, part) })
		bureau = bureau || ours
		s.add(f.matter(), f.id(), !ours)
	})
	if !bureau { // nobody here is called like the bureau: its name is unknown
		return nil, false
	}
	return j.above(s, "A4", j.limits.Outside), true
}

// transferred says whether the case's matter had moved to the bureau when it was decided.
func (j *judge) transferred(f *file) bool {
	s := j.data.Standards[f.c.Matter]
	if !s.Transferred || s.TransferredFrom == "" {
		return s.Transferred
	}
	return j.instant(f.c.DecidedAt).day() >= s.TransferredFrom
}

// acceptedWithoutTicket is B1: accepted cases that no ticket of any channel names or was linked to.
func (j *judge) acceptedWithoutTicket() ([]Signal, bool) {
	s := shares{}
	j.each(accepted, func(f *file) { s.add(f.matter(), f.id(), f.tickets == 0) })
	return j.above(s, "B1", j.limits.NoTicket), true
}

// decidedTooSoon is B2: decided at or before the acceptance, or a matter that needs a visit to the site within minutes.
func (j *judge) decidedTooSoon() ([]Signal, bool) {
	s := shares{}
	j.each(decided, func(f *file) {
		from := j.known(f.c.AcceptedAt)
		if from == 0 {
			return
		}
		took := f.c.DecidedAt - from
		s.add(f.matter(), f.id(), took <= 0 || j.data.Standards[f.c.Matter].SiteVisit && took <= minutes(j.limits.SiteVisitMin))
	})
	return s.leads("B2"), true
}

// keptWaiting is B6: more than five working days from receipt to acceptance, and no written notice.
func (j *judge) keptWaiting() (list []Signal, ok bool) {
	s, ok := shares{}, true
	j.each(accepted, func(f *file) {
		days, err := j.clock.between(f.opened, dayOf(j.data.Zone, f.c.AcceptedAt))
		ok = ok && err == nil
		told := slices.ContainsFunc(f.notices, func(n *Notice) bool { return n.Written == Yes })
		s.add(f.matter(), f.id(), days > j.limits.ReceiveDays && !told)
	})
	if !ok {
		return nil, false
	}
	return s.leads("B6"), true
}

// oldSeal is C1: a transferred matter decided under its old department's seal since it was transferred.
func (j *judge) oldSeal() ([]Signal, bool) {
	dated := false
	for _, st := range j.data.Standards {
		dated = dated || st.Transferred && st.TransferredFrom != ""
	}
	if !dated {
		return nil, false
	}
	s := shares{}
	j.each(decided, func(f *file) {
		st := j.data.Standards[f.c.Matter]
		if st.TransferredFrom != "" && j.transferred(f) && f.c.Seal != "" {
			s.add(f.matter(), f.id(), st.Department != "" && strings.Contains(f.c.Seal, st.Department))
		}
	})
	return s.leads("C1"), true
}

// circles is D1: A sends the case to B, and B back to A. The subject is the two of them.
func (j *judge) circles() ([]Signal, bool) {
	s := shares{}
	for i := range j.files {
		f := &j.files[i]
		slices.SortStableFunc(f.referrals, func(a, b *Referral) int { return int(max(-1, min(1, a.At-b.At))) })
		for k, r := range f.referrals {
			if !f.real() || !j.during(r.At) || r.From == "" || r.To == "" || r.From == r.To {
				continue
			}
			back := slices.ContainsFunc(f.referrals[:k], func(o *Referral) bool { return o.From == r.To && o.To == r.From })
			s.add(circle(r.To, r.From), f.id(), back)
		}
	}
	return s.leads("D1"), true
}

// circle names a pair whichever way it was sent.
func circle(a, b string) string { return min(a, b) + "→" + max(a, b) + "→" + min(a, b) }

// manyWindows is D2: three windows or two departments for one case.
func (j *judge) manyWindows() ([]Signal, bool) {
	s := shares{}
	for _, f := range j.choose(j.counted) {
		windows, departments := map[string]bool{}, map[string]bool{}
		for _, st := range f.stops {
			windows[string(st.ticket.Window)] = true
		}
		for _, r := range f.referrals {
			departments[r.From], departments[r.To] = true, true
		}
		delete(windows, "")
		delete(departments, "")
		s.add(f.matter(), f.id(), len(windows) >= j.limits.Windows || len(departments) >= j.limits.Departments)
	}
	return j.above(s, "D2", j.limits.ManyWindows), true
}

// sentBack is D3: referrals that were not accepted, by who did not accept them.
func (j *judge) sentBack() ([]Signal, bool) {
	s := shares{}
	for i := range j.files {
		for _, r := range j.files[i].referrals {
			if j.during(r.At) && r.Accepted != "" {
				s.add(r.To, referralID(r), r.Accepted == No)
			}
		}
	}
	return j.above(s, "D3", j.limits.SentBack), true
}

// newItems is D4: cases told in the period in writing what is missing, and later something new.
func (j *judge) newItems() ([]Signal, bool) {
	s := shares{}
	for i := range j.files {
		f := &j.files[i]
		told := slices.ContainsFunc(f.notices, func(n *Notice) bool { return n.Written == Yes && j.during(n.At) })
		if told && f.real() {
			s.add(f.matter(), f.id(), f.newItem)
		}
	}
	return j.above(s, "D4", j.limits.NewItem), true
}

// filedAgain is E2: withdrawn shortly before the promised day, and the same filed again soon.
func (j *judge) filedAgain() (list []Signal, ok bool) {
	if j.data.Standards == nil {
		return nil, false
	}
	withdrawn := j.choose(func(f *file) bool { return f.end == Withdrawn && j.within(f.closed) && f.c.Subject != "" })
	same := map[owner][]*file{}
	for _, f := range withdrawn {
		same[owner{f.c.Subject, f.c.Matter}] = nil
	}
	for i := range j.files {
		k := owner{j.files[i].c.Subject, j.files[i].c.Matter}
		if list, asked := same[k]; asked {
			same[k] = append(list, &j.files[i])
		}
	}
	s := shares{}
	for _, f := range withdrawn {
		again, err := j.refiled(f, same[owner{f.c.Subject, f.c.Matter}])
		if err != nil {
			return nil, false
		}
		s.add(f.matter(), f.id(), again)
	}
	return s.leads("E2"), true
}

func (j *judge) refiled(f *file, same []*file) (bool, error) {
	promised, from := j.data.Standards[f.c.Matter].Promised, j.known(f.c.AcceptedAt)
	if promised == 0 || from == 0 {
		return false, nil
	}
	due, err := j.clock.due(dayOf(j.data.Zone, from), promised)
	if err != nil || f.closed > due {
		return false, err
	}
	left, err := j.clock.between(f.closed, due)
	if err != nil || left > j.limits.NearDueDays {
		return false, err
	}
	for _, o := range same {
		if o == f || o.c.OpenedAt < ClosedAt(f.c) {
			continue
		}
		days, err := j.clock.between(f.closed, o.opened)
		if err != nil || days <= j.limits.RefiledDays {
			return err == nil, err
		}
	}
	return false, nil
}

// onDueDay is E3: promised matters decided on the very day that was promised.
func (j *judge) onDueDay() (list []Signal, ok bool) {
	if j.data.Standards == nil {
		return nil, false
	}
	s, ok := shares{}, true
	j.each(decided, func(f *file) {
		promised, from := j.data.Standards[f.c.Matter].Promised, j.known(f.c.AcceptedAt)
		if promised == 0 || from == 0 {
			return
		}
		day := dayOf(j.data.Zone, f.c.DecidedAt)
		due, err := j.clock.dueBy(dayOf(j.data.Zone, from), promised, day)
		ok = ok && err == nil
		s.add(f.matter(), f.id(), day == due)
	})
	if !ok {
		return nil, false
	}
	return j.above(s, "E3", j.limits.OnDueDay), true
}

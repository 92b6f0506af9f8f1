package runonce

import (
	"slices"
	"strings"

	"yitang/server/hall"
)

// steps are the known steps of each case, in order.
func (j *judge) steps() map[hall.CaseID][]*hall.StepRow {
	by := map[hall.CaseID][]*hall.StepRow{}
	for i := range j.data.Journal.Steps {
		if r := &j.data.Journal.Steps[i]; r.At < j.cut {
			by[r.Case] = append(by[r.Case], r)
		}
	}
	return by
}

// withoutOwner is D5: handed to a department that took more than a working day to say that it has the case. Where no
// department ever says so, nobody knows.
func (j *judge) withoutOwner() (list []Signal, ok bool) {
	steps := j.data.Journal.Steps
	if !slices.ContainsFunc(steps, func(r hall.StepRow) bool { return r.Step == hall.StepAcknowledge }) {
		return nil, false
	}
	s := shares{}
	for id, list := range j.steps() {
		for i, r := range list {
			to, hands := j.handover(list[:i], r)
			if !hands || !j.during(r.At) {
				continue
			}
			end := j.report
			if k := slices.IndexFunc(list[i+1:], takes); k >= 0 {
				end = dayOf(j.data.Zone, list[i+1+k].At)
			} else if f, ok := j.index[CaseID(id)]; ok {
				end = min(end, j.files[f].closed)
			}
			days, err := j.clock.between(dayOf(j.data.Zone, r.At), end)
			if err != nil {
				return nil, false
			}
			s.add(to, string(id), days > j.limits.OwnerDays)
		}
	}
	return s.leads("D5"), true
}

// handover says to which department a step gives a case: the first acceptance to the matter's own.
func (j *judge) handover(before []*hall.StepRow, r *hall.StepRow) (to string, hands bool) {
	switch r.Step {
	case hall.StepSend, hall.StepReturn:
		return r.Department, true
	case hall.StepAccept:
		first := !slices.ContainsFunc(before, func(b *hall.StepRow) bool { return b.Step == hall.StepAccept })
		return j.data.Standards[r.Matter].Department, first
	}
	return "", false
}

// takes says whether a step shows that somebody has the case; what a window does for it does not.
func takes(r *hall.StepRow) bool {
	switch r.Step {
	case hall.StepAccept, hall.StepNotice, hall.StepWish:
		return false
	}
	return true
}

// refusedOrally is D6: told that the hall has no authority, and nothing in writing.
func (j *judge) refusedOrally() ([]Signal, bool) {
	s := shares{}
	for i := range j.data.Journal.Steps {
		if r := &j.data.Journal.Steps[i]; r.Step == hall.StepEnd && r.End == hall.NoAuthority && j.during(r.At) {
			s.add(string(r.Matter), string(r.Case), !r.Written)
		}
	}
	return s.leads("D6"), true
}

// clockStood is E1: the clock stood for more than half of the time so far, or was stopped just before the promised day.
func (j *judge) clockStood() (list []Signal, ok bool) {
	s := shares{}
	for id, steps := range j.steps() {
		i, known := j.index[CaseID(id)]
		if !known || !slices.ContainsFunc(steps, func(r *hall.StepRow) bool { return r.Step == hall.StepSuspend && j.during(r.At) }) {
			continue
		}
		f := &j.files[i]
		near, err := j.stoppedNearDue(f, steps)
		if err != nil {
			return nil, false
		}
		s.add(f.matter(), f.id(), near || j.stoodFor(f, steps) > j.limits.Suspended)
	}
	return s.leads("E1"), true
}

// stoodFor is the share of the time since acceptance, up to the decision, for which the clock stood.
func (j *judge) stoodFor(f *file, steps []*hall.StepRow) float64 {
	from, to := j.known(f.c.AcceptedAt), j.known(f.c.DecidedAt)
	if to == 0 {
		to = j.cut
	}
	if closed := j.known(f.c.ClosedAt); closed != 0 {
		to = min(to, closed)
	}
	if from == 0 || to <= from {
		return 0
	}
	stood, since := hall.Millis(0), hall.Millis(0)
	for _, r := range steps {
		switch {
		case r.Step == hall.StepSuspend:
			since = r.At
		case r.Step == hall.StepContinue && since != 0:
			stood, since = stood+min(r.At, to)-min(since, to), 0
		}
	}
	if since != 0 {
		stood += to - min(since, to)
	}
	return float64(stood) / float64(to-from)
}

// stoppedNearDue says whether a suspension of the period began a working day or less before the promised day.
func (j *judge) stoppedNearDue(f *file, steps []*hall.StepRow) (bool, error) {
	for _, r := range steps {
		if r.Step != hall.StepSuspend || !j.during(r.At) {
			continue
		}
		day, due := dayOf(j.data.Zone, r.At), j.dueBefore(f, steps, r.At)
		if due == 0 || day > due {
			continue
		}
		left, err := j.clock.between(day, due)
		if err != nil || left <= j.limits.SuspendedNear {
			return err == nil, err
		}
	}
	return false, nil
}

// quickFive is F3: the best grade within seconds of a service's end.
func (j *judge) quickFive() ([]Signal, bool) {
	s := shares{}
	for i := range j.data.Journal.Ratings {
		if r := &j.data.Journal.Ratings[i]; j.during(r.At) {
			s.add(string(r.Window), string(r.Rating), r.Grade == 5 && r.AfterMS > 0 && r.AfterMS <= int64(seconds(j.limits.QuickFiveS)))
		}
	}
	return j.passing(s, "F3", j.limits.QuickFive), true
}

// badRatings is F4: a bad rating that was not closed in time, or verified by the person it is about.
func (j *judge) badRatings() ([]Signal, bool) {
	s := shares{}
	for _, k := range j.data.Journal.Tasks {
		if !j.during(k.At) {
			continue
		}
		closed := j.report
		if at := j.known(k.ClosedAt); at != 0 {
			closed = dayOf(j.data.Zone, at)
		}
		due, err := parseDay(k.Due)
		s.add(string(k.Window), string(k.Rating), err == nil && closed > due || k.Verifier != "" && user(k.Verifier) == user(k.About))
	}
	return s.leads("F4"), true
}

// user is who acts, whatever the role.
func user(a hall.Actor) string {
	if _, name, ok := strings.Cut(string(a), ":"); ok {
		return name
	}
	return string(a)
}

// madeConsulting is F5: what came of a matter says application, somebody made it a consultation.
func (j *judge) madeConsulting() ([]Signal, bool) {
	s := shares{}
	for i := range j.data.Journal.Purposes {
		if r := &j.data.Journal.Purposes[i]; j.during(r.At) {
			s.add(string(r.Window), string(r.Ticket), r.Purpose == hall.Consult && r.Derived != "" && r.Derived != hall.Consult)
		}
	}
	return j.passing(s, "F5", j.limits.MadeConsulting), true
}

package runonce

import (
	"slices"

	"yitang/server/hall"
)

func minutes(n int) hall.Millis { return seconds(60 * n) }

func seconds(n int) hall.Millis { return hall.Millis(n) * 1000 }

// ticketsWithoutCase is A3: people take tickets for a matter, yet no case of it is ever accepted.
func (j *judge) ticketsWithoutCase() ([]Signal, bool) {
	first, err := j.clock.back(j.report, j.limits.LookBackDays)
	if err != nil {
		return nil, false
	}
	s, taken := shares{}, map[hall.MatterCode]bool{}
	for i := range j.files {
		if day := j.instant(j.files[i].c.AcceptedAt); first <= day && day <= j.report {
			taken[j.files[i].c.Matter] = true
		}
	}
	for _, a := range j.data.Accepted {
		if day, err := parseDay(a.Day); err == nil && first <= day && day <= j.report {
			taken[a.Matter] = true
		}
	}
	j.tickets(func(t *Ticket, links []Link) {
		if t.Actor == Staff || dayOf(j.data.Zone, t.IssuedAt) < first {
			return
		}
		for _, m := range j.matters(t, links) {
			if !taken[m] {
				s.add(string(m), string(t.ID), true)
			}
		}
	})
	var list []Signal
	for _, lead := range s.leads("A3") {
		if none := 0.0; lead.N >= j.limits.TicketsWithoutCase {
			lead.K, lead.Rate = 0, &none // accepted cases among the tickets
			list = append(list, lead)
		}
	}
	return list, true
}

// matters are those that a ticket names, else those of its cases.
func (j *judge) matters(t *Ticket, links []Link) []hall.MatterCode {
	if len(t.Matters) > 0 {
		return t.Matters
	}
	var list []hall.MatterCode
	for _, l := range links {
		if i, ok := j.index[l.Case]; ok && !slices.Contains(list, j.files[i].c.Matter) {
			list = append(list, j.files[i].c.Matter)
		}
	}
	return list
}

// quickDone is F1: services of a window that ended as done within seconds.
func (j *judge) quickDone() ([]Signal, bool) {
	s := shares{}
	j.counter(func(t *Ticket) {
		if t.State == Done && j.known(t.StartedAt) != 0 && j.known(t.EndedAt) != 0 {
			s.add(string(t.Window), string(t.ID), t.EndedAt-t.StartedAt < seconds(j.limits.QuickDoneS))
		}
	})
	return j.passing(s, "F1", j.limits.QuickDone), true
}

// quickNoShow is F2: a no-show declared before the applicant could walk to the window, and windows whose no-show rate
// is far above the hall's median.
func (j *judge) quickNoShow() ([]Signal, bool) {
	quick, missed := shares{}, shares{}
	j.counter(func(t *Ticket) {
		if j.known(t.CalledAt) == 0 {
			return
		}
		end := j.known(t.EndedAt)
		noShow := t.State == NoShow && t.EndedAt < j.cut
		quick.add(string(t.Window), string(t.ID), noShow && end != 0 && end-t.CalledAt <= seconds(j.limits.QuickNoShowS))
		missed.add(string(t.Window), string(t.ID), noShow)
	})
	return append(quick.leads("F2"), j.passing(missed, "F2", j.limits.NoShowTimes*missed.median())...), true
}

// counter calls with every ticket of the period that a window had.
func (j *judge) counter(do func(*Ticket)) {
	j.tickets(func(t *Ticket, _ []Link) {
		if t.Window != "" && j.during(t.IssuedAt) {
			do(t)
		}
	})
}

// median is that of the subjects' shares; where more than half of them are 0, the share of all, so that one no-show
// among windows without any is no lead.
func (s shares) median() float64 {
	var rates []float64
	n, k := 0, 0
	for _, c := range s {
		rates = append(rates, float64(c.k)/float64(c.n))
		n, k = n+c.n, k+c.k
	}
	if n == 0 {
		return 0
	}
	slices.Sort(rates)
	m := (rates[(len(rates)-1)/2] + rates[len(rates)/2]) / 2
	if m == 0 {
		m = float64(k) / float64(n)
	}
	return m
}

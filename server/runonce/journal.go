package runonce

import (
	"slices"
	"sort"
	"strings"
	"time"

	"yitang/server/hall"
)

// Journal is what only a hall's own journal knows beside tickets and cases. It is only read.
type Journal struct {
	Plans        []Plan // in order
	Certificates []hall.CertificateRow
	Steps        []hall.StepRow
	Sent         []hall.SentRow
	Ratings      []hall.RatingRow
	Tasks        []*hall.Task
	Purposes     []hall.PurposeRow
	Spells       []hall.SpellRow
}

// Plan is when a hall was open from a moment on, and which windows were to be staffed meanwhile.
type Plan struct {
	Since   hall.Millis
	Hours   hall.Hours
	Windows []hall.WindowID
}

// timed says whether the plan has opening hours.
func (p *Plan) timed() bool { return !p.Hours.Always && len(p.Hours.Spans) > 0 }

// plan is what a day is judged by: the last one of it or of the days before, the first one before that.
// There is none without plans.
func (j *judge) plan(day dayNo) *Plan {
	plans := j.data.Journal.Plans
	if len(plans) == 0 {
		return nil
	}
	later := sort.Search(len(plans), func(i int) bool { return dayOf(j.data.Zone, plans[i].Since) > day })
	return &plans[max(later-1, 0)]
}

// planned are the windows to be staffed in any plan with opening hours.
func (d *Journal) planned() (list []hall.WindowID) {
	for i := range d.Plans {
		p := &d.Plans[i]
		for _, w := range p.Windows {
			if p.timed() && !slices.Contains(list, w) {
				list = append(list, w)
			}
		}
	}
	return list
}

// journalFinders are the signals that a hall's own journal allows; exchange files do not.
func journalFinders() []finder {
	return []finder{
		{"A1", (*judge).fewerThanCertificates}, {"A2", (*judge).sentOut}, {"A5", (*judge).unstaffed},
		{"B3", (*judge).inBursts}, {"B4", (*judge).outsideHours},
		{"C2", (*judge).inBothRegisters},
		{"D5", (*judge).withoutOwner}, {"D6", (*judge).refusedOrally},
		{"E1", (*judge).clockStood},
		{"F3", (*judge).quickFive}, {"F4", (*judge).badRatings}, {"F5", (*judge).madeConsulting},
	}
}

// fewerThanCertificates is A1: certificates of the last sixty working days, and how many of their cases came through the
// hall. Its rows are the certificates that did not.
func (j *judge) fewerThanCertificates() ([]Signal, bool) {
	first, err := j.clock.back(j.report, j.limits.LookBackDays)
	if err != nil || len(j.data.Journal.Certificates) == 0 {
		return nil, false
	}
	s := shares{}
	for i := range j.data.Journal.Certificates {
		if c := &j.data.Journal.Certificates[i]; c.At < j.cut && dayOf(j.data.Zone, c.At) >= first {
			s.add(string(c.Matter), c.No+" "+string(c.Case), !c.InHall)
		}
	}
	list := j.passing(s, "A1", 1-j.limits.AcceptedInHall)
	for i := range list { // of n certificates k were accepted in the hall
		l := &list[i]
		l.K = l.N - l.K
		rate := float64(l.K) / float64(l.N)
		l.Rate = &rate
	}
	return list, true
}

// sentOut is A2: served tickets of transferred matters that were sent back to the old office, or told that the hall has no
// authority.
func (j *judge) sentOut() ([]Signal, bool) {
	sent := map[hall.Millis][]hall.SentRow{}
	for _, r := range j.data.Journal.Sent {
		sent[r.At] = append(sent[r.At], r)
	}
	s := shares{}
	j.tickets(func(t *Ticket, links []Link) {
		if t.Actor == Staff || j.known(t.StartedAt) == 0 || !j.during(t.IssuedAt) {
			return
		}
		for _, m := range j.matters(t, links) {
			st := j.data.Standards[m]
			if !st.Transferred || st.Department == "" || st.TransferredFrom > dayOf(j.data.Zone, t.IssuedAt).day() {
				continue
			}
			back := slices.ContainsFunc(sent[t.EndedAt], func(r hall.SentRow) bool {
				return r.To == st.Department && strings.HasPrefix(string(t.ID), string(r.Ticket))
			})
			s.add(string(m), string(t.ID), back || j.sentAway(t, links, m))
		}
	})
	return j.above(s, "A2", j.limits.SentOut), true
}

// sentAway says whether a ticket's case of a matter was sent to the old office, or ended for want of authority, that day.
func (j *judge) sentAway(t *Ticket, links []Link, m hall.MatterCode) bool {
	day := dayOf(j.data.Zone, t.IssuedAt)
	for _, l := range links {
		i, ok := j.index[l.Case]
		if !ok || j.files[i].c.Matter != m {
			continue
		}
		f := &j.files[i]
		if f.end == NoAuthority && f.closed == day {
			return true
		}
		for _, r := range f.referrals {
			if r.To == j.data.Standards[m].Department && r.At >= t.IssuedAt && dayOf(j.data.Zone, r.At) == day {
				return true
			}
		}
	}
	return false
}

// unstaffed is A5: open against scheduled minutes of a window, week by week, on days on which the hall worked. Minutes
// after the newest moment that the data know of have not come yet.
func (j *judge) unstaffed() (list []Signal, ok bool) {
	windows := j.data.Journal.planned()
	if len(windows) == 0 {
		return nil, false
	}
	weeks := make(map[hall.WindowID]shares, len(windows))
	for _, w := range windows {
		weeks[w] = shares{}
	}
	worked, now := j.workedDays(), j.newest()
	for day := j.from; day <= min(j.to, j.report); day++ {
		works, err := j.clock.between(day-1, day)
		if err != nil {
			return nil, false
		}
		p := j.plan(day)
		if works == 0 || !worked[day] || !p.timed() {
			continue
		}
		for _, w := range p.Windows {
			scheduled, staffed := j.minutes(w, p.Hours, day, now)
			weeks[w].count(day.week(), scheduled, scheduled-staffed)
		}
	}
	for _, w := range windows {
		if l := j.passing(weeks[w], "A5", 1-j.limits.Staffed); len(l) > 0 {
			list = append(list, staffing(string(w), l))
		}
	}
	return list, true
}

// staffing makes one signal of a window's weeks: of n scheduled minutes k were staffed.
func staffing(window string, weeks []Signal) Signal {
	s := Signal{ID: "A5", Subject: window, Rows: []string{}}
	for _, w := range weeks {
		s.N, s.K, s.Rows = s.N+w.N, s.K+w.N-w.K, append(s.Rows, w.Subject)
	}
	rate := float64(s.K) / float64(s.N)
	s.Rate = &rate
	return s
}

// workedDays are the days on which any window was open.
func (j *judge) workedDays() map[dayNo]bool {
	days := map[dayNo]bool{}
	for i := range j.data.Journal.Spells {
		days[dayOf(j.data.Zone, j.data.Journal.Spells[i].Since)] = true
	}
	return days
}

// newest is the last moment before the cut that the data know of: until then a window that is open still was open.
func (j *judge) newest() (now hall.Millis) {
	last := func(list ...hall.Millis) {
		for _, at := range list {
			now = max(now, j.known(at))
		}
	}
	for i := range j.data.Days {
		t := &j.data.Days[i]
		last(t.IssuedAt, t.CalledAt, t.StartedAt, t.EndedAt)
	}
	for i := range j.data.Journal.Spells {
		last(j.data.Journal.Spells[i].Since, j.data.Journal.Spells[i].Until)
	}
	return now
}

// minutes counts a window's scheduled minutes of a day up to now, and those in which it was open; a pause is not.
func (j *judge) minutes(w hall.WindowID, h hall.Hours, day dayNo, now hall.Millis) (scheduled, staffed int) {
	y, m, d := day.time().Date()
	for _, span := range h.Spans {
		begin := hall.Millis(time.Date(y, m, d, 0, span.From, 0, 0, j.data.Zone).UnixMilli())
		minutes := make([]bool, max(0, min(span.To-span.From, int((now-begin)/60_000))))
		for _, s := range j.spells[w] {
			if s.State != hall.Open {
				continue
			}
			until := s.Until
			if until == 0 || until > now {
				until = now
			}
			for k := max(0, int((s.Since-begin)/60_000)); k < min(len(minutes), int((until-begin+59_999)/60_000)); k++ {
				minutes[k] = true
			}
		}
		for _, open := range minutes {
			if scheduled++; open {
				staffed++
			}
		}
	}
	return scheduled, staffed
}

// inBursts is B3: many acceptances of one matter by one clerk within minutes, none of them in a ticket's service.
func (j *judge) inBursts() ([]Signal, bool) {
	type hand struct {
		matter hall.MatterCode
		clerk  hall.Actor
	}
	by := map[hand][]*hall.StepRow{}
	for i := range j.data.Journal.Steps {
		r := &j.data.Journal.Steps[i]
		if (r.Step == hall.StepAccept || r.Step == hall.StepDone) && j.during(r.At) && !j.online(CaseID(r.Case)) {
			k := hand{r.Matter, r.By}
			by[k] = append(by[k], r)
		}
	}
	s := shares{}
	for k, list := range by {
		burst := make([]bool, len(list))
		for i := range list {
			end := i
			for end < len(list) && list[end].Ticket == "" && list[end].At-list[i].At <= minutes(j.limits.BurstMin) {
				end++
			}
			for n := i; end-i >= j.limits.Burst && n < end; n++ {
				burst[n] = true
			}
		}
		for i, r := range list {
			s.add(string(k.matter), string(r.Case), burst[i])
		}
	}
	return s.leads("B3"), true
}

func (j *judge) online(id CaseID) bool {
	i, ok := j.index[id]
	return ok && j.files[i].c.Online
}

// outsideHours is B4: accepted while the hall was closed, and not online.
func (j *judge) outsideHours() (list []Signal, ok bool) {
	ok = slices.ContainsFunc(j.data.Journal.Plans, func(p Plan) bool { return p.timed() })
	s, worked := shares{}, j.workedDays()
	j.each(accepted, func(f *file) {
		day := dayOf(j.data.Zone, f.c.AcceptedAt)
		p := j.plan(day)
		if f.c.Online || p == nil || !p.timed() {
			return
		}
		works, err := j.clock.between(day-1, day)
		ok = ok && err == nil
		at := time.UnixMilli(int64(f.c.AcceptedAt)).In(j.data.Zone)
		minute := 60*at.Hour() + at.Minute()
		open := (works > 0 || worked[day]) && slices.ContainsFunc(p.Hours.Spans, func(s hall.Span) bool { return s.From <= minute && minute < s.To })
		s.add(f.matter(), f.id(), !open)
	})
	if !ok {
		return nil, false
	}
	return j.above(s, "B4", j.limits.OutsideHours), true
}

// inBothRegisters is C2: the same subject and matter open in two registers, opened within thirty days of each other (a setting).
func (j *judge) inBothRegisters() ([]Signal, bool) {
	registers, same := map[Register]bool{}, map[owner][]*file{}
	for i := range j.files {
		f := &j.files[i]
		registers[f.c.Register] = true
		if f.real() && f.c.Subject != "" {
			k := owner{f.c.Subject, f.c.Matter}
			same[k] = append(same[k], f)
		}
	}
	if len(registers) < 2 {
		return nil, false
	}
	s := shares{}
	for _, list := range same {
		for _, f := range list {
			if !j.within(f.opened) {
				continue
			}
			twice := slices.ContainsFunc(list, func(o *file) bool {
				return o.c.Register != f.c.Register && abs(o.opened-f.opened) <= dayNo(j.limits.BothDays) && o.opened <= f.closed && f.opened <= o.closed // #nosec G115 -- a place in a list
			})
			s.add(f.matter(), f.id(), twice)
		}
	}
	return s.leads("C2"), true
}

func abs(d dayNo) dayNo { return max(d, -d) }

// outage is R6: at a window of the visit before, the clerk stopped for a device that failed, during the service or just
// after it.
func (j *judge) outage(before *visit) []string {
	for _, s := range before.stops {
		t := s.ticket
		for _, p := range j.spells[t.Window] {
			if p.State == hall.Paused && p.Reason == "device" && s.served && p.Since >= t.StartedAt && p.Since <= s.end+minutes(outageMin) {
				return []string{string(t.ID), string(t.Window) + "@" + stamp(p.Since)}
			}
		}
	}
	return nil
}

// outageMin is for how many minutes after a service a pause still counts as its reason.
const outageMin = 10

// due is a case's promised day as it stood before an instant, 0 where nobody knows it.
func (j *judge) dueBefore(f *file, steps []*hall.StepRow, at hall.Millis) dayNo {
	due := dayNo(0)
	if p := j.data.Standards[f.c.Matter].Promised; p > 0 && f.c.AcceptedAt != 0 {
		due, _ = j.clock.due(dayOf(j.data.Zone, f.c.AcceptedAt), p) // an unknown year leaves it unknown
	}
	for _, r := range steps {
		if d, err := parseDay(r.PromisedDay); r.At < at && err == nil {
			due = d
		}
	}
	return due
}

package runonce

import (
	"fmt"
	"slices"

	"yitang/server/hall"
)

// noticeDays is within how many working days what is missing must be told (行政许可法 32).
const noticeDays = 5

// judge is one judging: the data as known at the end of the report day.
type judge struct {
	data   *Data
	query  Query
	limits Thresholds
	from   dayNo
	to     dayNo
	report dayNo
	cut    hall.Millis // the first instant that is unknown
	clock  clock
	links  [][]Link // of each ticket, as resolved
	files  []file   // of each case that is known
	index  map[CaseID]int32
	spells map[hall.WindowID][]*hall.SpellRow // of the journal: there are many, and each window is asked for its own often
}

// file is a case with what belongs to it.
type file struct {
	c         *Case
	stops     []stop
	tickets   int32 // that name it or were linked to it, whatever they prove
	notices   []*Notice
	referrals []*Referral
	verdict
}

// verdict is what the judging finds of a case.
type verdict struct {
	end       End
	opened    dayNo
	closed    dayNo // never while open
	visits    []visit
	consults  int
	lawVisits int
	newItem   bool // a later written notice named something new
	inTime    bool // left out of R_law: told once, completely, in time
	causes    []Cause
}

func (v *verdict) once() bool { return len(v.visits) <= 1 }

// counts says whether the case is delivered or refused.
func (v *verdict) counts() bool { return v.end == Delivered || v.end == Refused }

// leftOut says whether the case is of those that never count.
func (v *verdict) leftOut() bool { return !v.counts() && v.end != Open }

// onceLaw is the judgement under R_law, nil where the case is left out of it.
func (v *verdict) onceLaw() *bool {
	if v.leftOut() || v.inTime && !v.newItem {
		return nil
	}
	once := v.lawVisits <= 1 && !v.newItem
	return &once
}

// Judge judges the cases of a period.
func Judge(data Data, q Query) (*Report, error) {
	j, err := newJudge(&data, q)
	if err != nil {
		return nil, err
	}
	j.gather()
	for i := range j.files {
		if err := j.decide(&j.files[i]); err != nil {
			return nil, err
		}
	}
	return j.tally()
}

func newJudge(data *Data, q Query) (*judge, error) {
	j := &judge{data: data, query: q, limits: DefaultThresholds(), clock: clock{calendar: data.Calendar, years: map[int][]int32{}}}
	if data.Limits != nil {
		j.limits = *data.Limits
	}
	for _, d := range []struct {
		text hall.Day
		into *dayNo
	}{{q.From, &j.from}, {q.To, &j.to}, {q.ReportDay, &j.report}} {
		var err error
		if *d.into, err = parseDay(d.text); err != nil {
			return nil, err
		}
	}
	if j.to < j.from {
		return nil, fmt.Errorf("runonce: the period ends on %s, before it begins on %s", q.To, q.From)
	}
	j.cut = endOf(data.Zone, j.report)
	if data.Journal != nil {
		j.spells = map[hall.WindowID][]*hall.SpellRow{}
		for i := range data.Journal.Spells {
			s := &data.Journal.Spells[i]
			j.spells[s.Window] = append(j.spells[s.Window], s)
		}
	}
	return j, nil
}

// known is a time, or 0 when it lies after the report day.
func (j *judge) known(at hall.Millis) hall.Millis {
	if at >= j.cut {
		return 0
	}
	return at
}

func (j *judge) within(d dayNo) bool { return j.from <= d && d <= j.to }

// during says whether a known instant lies in the period.
func (j *judge) during(at hall.Millis) bool {
	return at != 0 && at < j.cut && j.within(dayOf(j.data.Zone, at))
}

// gather puts tickets, notices and referrals into the files of their cases.
func (j *judge) gather() {
	j.open()
	counts := make([]int32, len(j.files))
	j.resolve(func(l Link) {
		if i, ok := j.index[l.Case]; ok {
			counts[i]++
		}
	})
	total := int32(0)
	for _, n := range counts {
		total += n
	}
	all := make([]stop, total)
	for i, n := range counts {
		j.files[i].stops, all = all[:0:n], all[n:]
	}
	for i := range j.data.Tickets {
		j.file(&j.data.Tickets[i], j.links[i])
	}
	for i := range j.data.Notices {
		if n := &j.data.Notices[i]; n.At < j.cut {
			if k, ok := j.index[n.Case]; ok {
				j.files[k].notices = append(j.files[k].notices, n)
			}
		}
	}
	for i := range j.data.Referrals {
		if r := &j.data.Referrals[i]; r.At < j.cut {
			if k, ok := j.index[r.Case]; ok {
				j.files[k].referrals = append(j.files[k].referrals, r)
			}
		}
	}
}

// open makes a file for each case that was opened by the end of the report day.
func (j *judge) open() {
	j.index = make(map[CaseID]int32, len(j.data.Cases))
	j.files = make([]file, 0, len(j.data.Cases))
	for i := range j.data.Cases {
		c := &j.data.Cases[i]
		if c.OpenedAt >= j.cut {
			continue
		}
		f := file{c: c, verdict: verdict{end: Open, opened: dayOf(j.data.Zone, c.OpenedAt), closed: never}}
		if at := ClosedAt(c); at != 0 && at < j.cut {
			f.end, f.closed = c.End, dayOf(j.data.Zone, at)
		}
		j.index[c.ID] = int32(len(j.files)) // #nosec G115 -- places in a list
		j.files = append(j.files, f)
	}
}

// resolve finds the links of every ticket that is known at the report day.
func (j *judge) resolve(each func(Link)) {
	var linker *Linker // made when a ticket asks for it: a hall's history is linked already
	j.links = make([][]Link, len(j.data.Tickets))
	for i := range j.data.Tickets {
		t := &j.data.Tickets[i]
		if t.IssuedAt >= j.cut {
			continue
		}
		if j.links[i] = t.Links; len(t.Links) == 0 {
			if linker == nil {
				linker = NewLinker(j.data.Zone, j.data.Cases)
			}
			resolved := *t // the data are only read
			linker.Resolve(&resolved)
			j.links[i] = resolved.Links
		}
		for _, l := range j.links[i] {
			each(l)
		}
	}
}

// tickets calls with every ticket of the hall that is known at the report day, and its links.
func (j *judge) tickets(do func(t *Ticket, links []Link)) {
	if j.data.Days == nil {
		for i := range j.data.Tickets {
			if t := &j.data.Tickets[i]; t.IssuedAt < j.cut {
				do(t, j.links[i])
			}
		}
		return
	}
	for i := range j.data.Days {
		if t := &j.data.Days[i]; t.IssuedAt < j.cut {
			do(t, t.Links)
		}
	}
}

// presence says whether a ticket proves that its holder was in the hall.
func (j *judge) presence(t *Ticket) bool {
	return t.Channel == Kiosk || t.Channel == Desk || j.known(t.StartedAt) != 0 || j.known(t.CheckedInAt) != 0
}

// file makes a ticket a stop of each of its cases, where it proves presence of the applicant and belongs to the case.
func (j *judge) file(t *Ticket, links []Link) {
	proves := t.Actor != Staff && j.presence(t)
	s := stop{ticket: t, served: j.known(t.StartedAt) != 0, issued: t.IssuedAt, day: dayOf(j.data.Zone, t.IssuedAt)}
	if s.end = j.known(t.EndedAt); s.end == 0 {
		s.end = max(t.IssuedAt, j.known(t.CheckedInAt), j.known(t.CalledAt), j.known(t.StartedAt))
	}
	for _, l := range links {
		i, ok := j.index[l.Case]
		if !ok {
			continue
		}
		f := &j.files[i]
		f.tickets++
		if s.purpose = l.Purpose; proves && f.takes(s) {
			f.stops = append(f.stops, s)
		}
	}
}

// takes says whether a stop belongs to the case by its day: after the closing only corrections and collecting do.
func (f *file) takes(s stop) bool {
	return s.day <= f.closed || s.purpose == Collect || s.purpose == Correct && s.day <= f.closed+correctionDays
}

// decide counts the visits of a case and judges them.
func (j *judge) decide(f *file) error {
	slices.SortStableFunc(f.stops, byIssue)
	applied := f.c.OpenedAt
	if i := slices.IndexFunc(f.stops, func(s stop) bool { return s.purpose == Apply }); i >= 0 {
		applied = f.stops[i].issued
	}
	counted := f.stops
	if before := func(s stop) bool { return s.purpose == Consult && s.issued < applied }; slices.ContainsFunc(counted, before) {
		counted = slices.DeleteFunc(slices.Clone(f.stops), before)
		f.consults = visitsIn(slices.DeleteFunc(slices.Clone(f.stops), func(s stop) bool { return !before(s) }))
	}
	f.visits = chain(counted)
	f.lawVisits = j.lawVisits(f)
	slices.SortStableFunc(f.notices, func(a, b *Notice) int { return a.Seq - b.Seq })
	if !j.counted(f) && !j.query.AllCases {
		return nil
	}
	if err := j.weighNotices(f); err != nil {
		return err
	}
	return j.explain(f)
}

// counted says whether the case is one of those whose rate it is: delivered or refused in the period.
func (j *judge) counted(f *file) bool { return f.counts() && j.within(f.closed) }

// lawVisits counts the visits without those that the law does not hold against the hall.
func (j *judge) lawVisits(f *file) int {
	n := 0
	for i := range f.visits {
		v := &f.visits[i]
		if !(v.every(Collect) && j.declined(f.c) || v.every(Present) && j.data.Standards[f.c.Matter].GuideVisits) {
			n++
		}
	}
	return n
}

// declined says whether free delivery was offered and declined, recorded before the decision.
func (j *judge) declined(c *Case) bool {
	if !j.offered(c) || c.DeliveryChosen != "collect" {
		return false
	}
	decided := j.known(c.DecidedAt)
	return c.DeliveryRecordedAt == 0 || decided == 0 || c.DeliveryRecordedAt <= decided
}

// offered says whether free delivery is known to be offered; what is recorded after the report day is not yet.
func (j *judge) offered(c *Case) bool {
	return c.DeliveryOffered == Yes && c.DeliveryRecordedAt < j.cut
}

// weighNotices finds out whether the applicant was told everything once and in time.
func (j *judge) weighNotices(f *file) error {
	var first *Notice
	for _, n := range f.notices {
		switch {
		case n.Written != Yes:
		case first == nil:
			first = n
		case len(newItems(n, first.Items)) > 0:
			f.newItem = true
		}
	}
	if first == nil || first.At == 0 || f.c.FirstComplete != No {
		return nil
	}
	told := dayOf(j.data.Zone, first.At)
	due, err := j.clock.dueBy(f.opened, noticeDays, told)
	if err != nil {
		return err
	}
	f.inTime = told <= due
	return nil
}

// newItems are the items of a notice that were not named before.
func newItems(n *Notice, named []string) []string {
	var list []string
	for _, item := range n.Items {
		if !slices.Contains(named, item) {
			list = append(list, item)
		}
	}
	return list
}

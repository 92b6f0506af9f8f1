package runonce

import (
	"maps"
	"slices"

	"yitang/server/hall"
)

// SignalID names a supervision signal: A 明进暗不进, B 体外循环, C 两头办理, D 推诿扯皮, E clock games, F counter games.
type SignalID string

// SignalIDs lists all of them.
func SignalIDs() []SignalID {
	return []SignalID{"A1", "A2", "A3", "A4", "A5", "B1", "B2", "B3", "B4", "B5", "B6", "C1", "C2",
		"D1", "D2", "D3", "D4", "D5", "D6", "E1", "E2", "E3", "F1", "F2", "F3", "F4", "F5"}
}

// Signal is a lead with its rows, to be verified by a person, never a verdict: K of N rows of a subject (a matter, a
// window, a department, or the hall) are of the kind.
type Signal struct {
	ID      SignalID `json:"id"`
	Subject string   `json:"subject"`
	N       int      `json:"n"`
	K       int      `json:"k"`
	Rate    *float64 `json:"rate"`
	Rows    []string `json:"rows"` // cases or tickets; of A1 certificates with their cases, of A5 weeks, of F3 and F4 ratings
}

// WholeHall is the subject of a signal that no part of the hall shows alone.
const WholeHall = "hall"

// Thresholds are the settings of the signals; AllLimits says within what they may lie.
type Thresholds struct {
	Rows               int      `json:"rows"`           // from so many on a rate may flag
	LookBackDays       int      `json:"look_back_days"` // of A1 and A3, working days
	TicketsWithoutCase int      `json:"a3_tickets"`     // tickets of a matter without an accepted case
	Outside            float64  `json:"a4_outside"`
	Bureau             []string `json:"a4_bureau"` // parts of the approval bureau's name
	NoTicket           float64  `json:"b1_no_ticket"`
	SiteVisitMin       int      `json:"b2_site_visit_min"`
	ReceiveDays        int      `json:"b6_days"` // working days
	BothDays           int      `json:"c2_days"` // calendar days between the openings in two registers
	Windows            int      `json:"d2_windows"`
	Departments        int      `json:"d2_departments"`
	ManyWindows        float64  `json:"d2_many_windows"`
	SentBack           float64  `json:"d3_sent_back"`
	NewItem            float64  `json:"d4_new_item"`
	NearDueDays        int      `json:"e2_near_due_days"` // working days
	RefiledDays        int      `json:"e2_refiled_days"`  // working days
	OnDueDay           float64  `json:"e3_on_due_day"`
	QuickDoneS         int      `json:"f1_seconds"`
	QuickDone          float64  `json:"f1_quick_done"`
	QuickNoShowS       int      `json:"f2_seconds"`
	NoShowTimes        float64  `json:"f2_times_median"`

	AcceptedInHall float64 `json:"a1_accepted"` // at least
	SentOut        float64 `json:"a2_sent_out"`
	Staffed        float64 `json:"a5_staffed"` // at least
	Burst          int     `json:"b3_acceptances"`
	BurstMin       int     `json:"b3_min"`
	OutsideHours   float64 `json:"b4_outside_hours"`
	OwnerDays      int     `json:"d5_days"` // working days
	Suspended      float64 `json:"e1_suspended"`
	SuspendedNear  int     `json:"e1_near_due_days"` // working days
	QuickFiveS     int     `json:"f3_seconds"`
	QuickFive      float64 `json:"f3_quick_five"`
	MadeConsulting float64 `json:"f5_made_consulting"`
}

// DefaultThresholds are the settings of a hall that has none of its own.
func DefaultThresholds() Thresholds {
	return Thresholds{Rows: 10, LookBackDays: 60, TicketsWithoutCase: 5, BothDays: 30, Windows: 3, Departments: 2, Outside: 0.20, Bureau: []string{"审批局", "bureau"}, NoTicket: 0.05,
		SiteVisitMin: 30, ReceiveDays: 5, ManyWindows: 0.01, SentBack: 0.10, NewItem: 0.02, NearDueDays: 2, RefiledDays: 10,
		OnDueDay: 0.35, QuickDoneS: 20, QuickDone: 0.05, QuickNoShowS: 30, NoShowTimes: 2,
		AcceptedInHall: 0.90, SentOut: 0.05, Staffed: 0.90, Burst: 5, BurstMin: 10, OutsideHours: 0.02, OwnerDays: 1, Suspended: 0.5,
		SuspendedNear: 1, QuickFiveS: 3, QuickFive: 0.30, MadeConsulting: 0.02}
}

// share counts the rows of one subject.
type share struct {
	n, k int
	rows []string
}

// shares counts by subject.
type shares map[string]*share

// add counts a row of a subject; id is kept where it is of the kind.
func (s shares) add(subject, id string, kind bool) {
	c := s.of(subject)
	c.n++
	if kind {
		c.k++
		c.rows = append(c.rows, id)
	}
}

// count counts n rows of a subject, k of them of the kind, that have no names.
func (s shares) count(subject string, n, k int) {
	c := s.of(subject)
	c.n, c.k = c.n+n, c.k+k
}

func (s shares) of(subject string) *share {
	c := s[subject]
	if c == nil {
		c = &share{}
		s[subject] = c
	}
	return c
}

func (s shares) signal(id SignalID, subject string) Signal {
	c := s[subject]
	rate := float64(c.k) / float64(c.n)
	slices.Sort(c.rows)
	return Signal{ID: id, Subject: subject, N: c.n, K: c.k, Rate: &rate, Rows: slices.Compact(c.rows)}
}

// leads are the subjects with at least one row of the kind: what is no rate needs no threshold.
func (s shares) leads(id SignalID) []Signal {
	var list []Signal
	for _, subject := range slices.Sorted(maps.Keys(s)) {
		if s[subject].k > 0 {
			list = append(list, s.signal(id, subject))
		}
	}
	return list
}

// above are the subjects whose share lies above a threshold: the one-sided 95 % limit passes it and there are rows
// enough. Where no subject does, the hall as a whole may.
func (j *judge) above(s shares, id SignalID, threshold float64) []Signal {
	list := j.passing(s, id, threshold)
	if len(list) > 0 || len(s) < 2 {
		return list
	}
	whole := &share{}
	for _, c := range s {
		whole.n, whole.k, whole.rows = whole.n+c.n, whole.k+c.k, append(whole.rows, c.rows...)
	}
	return j.passing(shares{WholeHall: whole}, id, threshold)
}

func (j *judge) passing(s shares, id SignalID, threshold float64) []Signal {
	var list []Signal
	for _, subject := range slices.Sorted(maps.Keys(s)) {
		if c := s[subject]; c.n >= j.limits.Rows && WilsonLower(c.k, c.n) > threshold {
			list = append(list, s.signal(id, subject))
		}
	}
	return list
}

// finder is how one signal is found. Ok is false when the data for it do not exist.
type finder struct {
	id   SignalID
	find func(*judge) (list []Signal, ok bool)
}

func finders() []finder {
	return []finder{
		{"A3", (*judge).ticketsWithoutCase}, {"A4", (*judge).decidedOutside},
		{"B1", (*judge).acceptedWithoutTicket}, {"B2", (*judge).decidedTooSoon}, {"B6", (*judge).keptWaiting},
		{"C1", (*judge).oldSeal},
		{"D1", (*judge).circles}, {"D2", (*judge).manyWindows}, {"D3", (*judge).sentBack}, {"D4", (*judge).newItems},
		{"E2", (*judge).filedAgain}, {"E3", (*judge).onDueDay},
		{"F1", (*judge).quickDone}, {"F2", (*judge).quickNoShow},
	}
}

// signals finds what can be found. A signal whose data, or whose calendar year, are missing is named as not computed.
func (j *judge) signals(r *Report) {
	r.Signals, r.NotComputed = []Signal{}, []SignalID{}
	all := finders()
	if j.data.Journal != nil {
		all = append(all, journalFinders()...)
	}
	for _, id := range SignalIDs() {
		i := slices.IndexFunc(all, func(f finder) bool { return f.id == id })
		if i < 0 {
			r.NotComputed = append(r.NotComputed, id)
			continue
		}
		list, ok := all[i].find(j)
		if !ok {
			r.NotComputed = append(r.NotComputed, id)
		}
		r.Signals = append(r.Signals, list...)
	}
}

// real says whether a case is one that somebody filed.
func (f *file) real() bool { return f.end != Test && f.end != Void }

// each calls with every case that somebody filed and whose instant lies in the period.
func (j *judge) each(at func(*Case) hall.Millis, do func(*file)) {
	for i := range j.files {
		if f := &j.files[i]; f.real() && j.during(at(f.c)) {
			do(f)
		}
	}
}

func accepted(c *Case) hall.Millis { return c.AcceptedAt }

func decided(c *Case) hall.Millis { return c.DecidedAt }

func (f *file) matter() string { return string(f.c.Matter) }

func (f *file) id() string { return string(f.c.ID) }

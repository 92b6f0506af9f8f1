package whatif

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"yitang/server/hall"
)

// Proposal is a change of the layout with what it gains in the simulation and what it costs. It was chosen on one half of
// the days and is judged on the other, so that luck is not sold as a gain.
type Proposal struct {
	Kind    ProposalKind      `json:"kind"`
	Text    string            `json:"text"`    // a sentence in Chinese
	English string            `json:"text_en"` // the same in English
	Windows []hall.WindowID   `json:"windows,omitempty"`
	Fields  []hall.FieldID    `json:"fields,omitempty"`
	Matters []hall.MatterCode `json:"matters,omitempty"`
	Wait    Difference        `json:"wait_min"`      // change of the mean wait
	Within  Difference        `json:"within_target"` // change of the share within target
	Helped  float64           `json:"helped_per_day"`
	Worse   float64           `json:"worse_per_day"`
	Teach   int               `json:"skills_to_teach"`
	Rename  int               `json:"windows_to_rename"`
	Verdict Verdict           `json:"verdict"`
	Layout  *hall.Layout      `json:"-"`

	change func(l *hall.Layout) // of a copy, to try it together with others
	gain   float64              // minutes of the mean wait on the days to choose by
}

// ProposalKind says what is changed.
type ProposalKind string

// The kinds of proposal.
const (
	KindGeneral ProposalKind = "general_windows" // so many windows for everything
	KindTeach   ProposalKind = "teach"           // one window learns one field
	KindMerge   ProposalKind = "merge_fields"    // two fields share their windows
	KindQuick   ProposalKind = "quick_window"    // a window for short matters
	KindBatch   ProposalKind = "transfer_batch"  // matters to take over next
	KindAll     ProposalKind = "together"        // several of the others at once
)

// Verdict says whether a proposal holds on the days it was not chosen on.
type Verdict string

// The verdicts. A change whose interval holds zero is not proved; one that shortens waits by too little for its cost, see worth, is
// slight, proved or not.
const (
	Better    Verdict = "better"
	Slight    Verdict = "slight"
	Unproved  Verdict = "unproved"
	WorseThan Verdict = "worse"
)

// Plan is today's hall and what could be better. Proposals are in the order of their gain; a change that gained on the
// days to choose by and on the other days makes the mean wait longer, or shorter by too little for its cost, is none, and stands in
// Rejected. Only the next batch of matters to take over stays a proposal then, since it is not done for the waits; its text says
// when they grow.
type Plan struct {
	Days      int        `json:"days"`
	Tickets   int        `json:"tickets"`
	Today     *Result    `json:"today"`
	Proposals []Proposal `json:"proposals"`
	Rejected  []Proposal `json:"rejected,omitempty"`
}

// planner tries layouts.
type planner struct {
	layout      *hall.Layout
	queues      map[hall.FieldID]string // of a history, by field; nil of a hall
	choose, try []Day
	baseChoose  *Result
	baseTry     *Result
	tick        func()
}

// Steps is how many layouts MakePlan tries for a layout, at most, for a progress bar.
func Steps(l *hall.Layout) int {
	return 2 + maxGeneral + maxTaught + maxMerged + maxQuick + 10 + maxTogether
}

// Bounds of what is tried.
const (
	maxGeneral  = 8
	maxTaught   = 24
	maxMerged   = 6
	maxQuick    = 4
	maxBatch    = 10
	maxTogether = 11 // the proposals, and once more to judge
	topTaught   = 5
)

// MakePlan proposes changes from past days. Progress, which may be nil, is told after each layout that was tried.
func MakePlan(l *hall.Layout, days []Day, progress func(done int)) (*Plan, error) {
	return makePlan(l, nil, days, progress)
}

func makePlan(l *hall.Layout, queues map[hall.FieldID]string, days []Day, progress func(done int)) (*Plan, error) {
	if len(days) < 2 {
		return nil, fmt.Errorf("plan: days with tickets: %d; two closed ones are needed, twenty are good", len(days))
	}
	done := 0
	p := &planner{layout: l, queues: queues, tick: func() {
		done++
		if progress != nil {
			progress(done)
		}
	}}
	for i := range days {
		if i%2 == 0 {
			p.choose = append(p.choose, days[i])
		} else {
			p.try = append(p.try, days[i])
		}
	}
	var err error
	if p.baseChoose, err = p.run(l, p.choose); err != nil {
		return nil, err
	}
	if p.baseTry, err = p.run(l, p.try); err != nil {
		return nil, err
	}
	out := &Plan{Days: len(days), Today: p.baseTry}
	for i := range days {
		out.Tickets += len(days[i].Visits)
	}
	for _, find := range []func() ([]Proposal, error){p.general, p.teach, p.merge, p.quick, p.batch} {
		found, err := find()
		if err != nil {
			return nil, err
		}
		out.Proposals = append(out.Proposals, found...)
	}
	all, err := p.together(out.Proposals)
	if err != nil {
		return nil, err
	}
	out.sort(append(out.Proposals, all...))
	return out, nil
}

// sort parts what shortens the waits from what does not, or not enough.
func (p *Plan) sort(list []Proposal) {
	slices.SortStableFunc(list, func(a, b Proposal) int { return cmp.Compare(a.Wait.Mean, b.Wait.Mean) })
	p.Proposals = nil
	for _, x := range list {
		if x.Kind != KindBatch && (x.Wait.Mean >= 0 || x.Verdict == Slight) {
			p.Rejected = append(p.Rejected, x)
		} else {
			p.Proposals = append(p.Proposals, x)
		}
	}
}

func (p *planner) run(l *hall.Layout, days []Day) (*Result, error) {
	r, err := Replay(l, p.layout, days, nil)
	p.tick()
	return r, err
}

// gain is by how many minutes a layout shortens the mean wait on the days to choose by.
func (p *planner) gain(l *hall.Layout) (float64, error) {
	r, err := p.run(l, p.choose)
	if err != nil {
		return 0, err
	}
	return p.baseChoose.Overall.WaitMean - r.Overall.WaitMean, nil
}

// judge fills in what a proposal does on the other days.
func (p *planner) judge(x Proposal) (Proposal, error) {
	r, err := p.run(x.Layout, p.try)
	if err != nil {
		return x, err
	}
	x.Wait, x.Within = Compare(p.baseTry, r)
	x.Helped, x.Worse = moved(p.baseTry, r)
	x.Teach, x.Rename = cost(p.layout, x.Layout)
	switch {
	case x.Wait.Mean < 0 && !worth(-x.Wait.Mean, p.baseTry.Overall.WaitMean, x.Teach+x.Rename):
		x.Verdict = Slight
	case !x.Wait.Settled():
		x.Verdict = Unproved
	case *x.Wait.Hi < 0:
		x.Verdict = Better
	case *x.Wait.Lo > 0:
		x.Verdict = WorseThan
	default:
		x.Verdict = Unproved
	}
	return x, nil
}

// noticed is how much longer or shorter a wait must be to count as helped or worse.
const noticed hall.Millis = minuteMS

// moved counts the people a day whose wait is shorter, and longer, by a minute.
func moved(base, tried *Result) (helped, worse float64) {
	n := 0.0
	for i := range base.each {
		if len(base.each[i]) == 0 {
			continue
		}
		n++
		for j, was := range base.each[i] {
			switch now := tried.each[i][j]; {
			case was == Unknown || now == Unknown:
			case was-now >= noticed:
				helped++
			case now-was >= noticed:
				worse++
			}
		}
	}
	return helped / max(n, 1), worse / max(n, 1)
}

// worthMore is the part of the mean wait that each skill to teach and each window to rename must take off.
const worthMore = 0.01

// worth says whether a gain, in minutes of the mean wait that there is without it, is worth its cost in skills and signs: what a
// person notices is worth any, less than that must be worthMore of the wait for each.
func worth(gain, wait float64, cost int) bool {
	each := worthMore * wait
	return gain >= each && (gain*minuteMS >= float64(noticed) || gain >= each*float64(cost))
}

// cost counts the skills that clerks must learn and the windows whose sign changes.
func cost(was, now *hall.Layout) (teach, rename int) {
	for i := range now.Windows {
		a, b := &was.Windows[i], &now.Windows[i]
		for _, f := range b.Fields {
			if !a.Serves(f) && slices.ContainsFunc(was.Fields, func(x hall.Field) bool { return x.ID == f }) {
				teach++
			}
		}
		if a.Kind != b.Kind || a.Fields[0] != b.Fields[0] {
			rename++
		}
	}
	return teach, rename
}

// changed is a copy of the layout with windows of its own.
func changed(l *hall.Layout, change func(l *hall.Layout)) *hall.Layout {
	c := *l
	c.Fields, c.Matters = slices.Clone(l.Fields), slices.Clone(l.Matters)
	c.Windows = slices.Clone(l.Windows)
	for i := range c.Windows {
		c.Windows[i].Fields = slices.Clone(c.Windows[i].Fields)
	}
	change(&c)
	return &c
}

// idle lists the windows that were open by how busy they were, the least busy first.
func (p *planner) idle() []int {
	var list []int
	for i, w := range p.baseChoose.Windows {
		if w.Open > 0 {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int {
		return cmp.Compare(p.baseChoose.Windows[a].Busy, p.baseChoose.Windows[b].Busy)
	})
	return list
}

// general tries more and more general windows, the least busy ones first, and proposes the fewest that bring 80 % of the
// best gain.
func (p *planner) general() ([]Proposal, error) {
	var ids []int
	for _, i := range p.idle() {
		if w := &p.layout.Windows[i]; w.Kind == hall.OfField || w.Kind == hall.Dedicated {
			ids = append(ids, i)
		}
	}
	var layouts []*hall.Layout
	var changes []func(*hall.Layout)
	var gains []float64
	best := 0.0
	for n := 1; n <= min(maxGeneral, len(ids)); n++ {
		change := func(l *hall.Layout) {
			for _, i := range ids[:n] {
				l.Windows[i] = General(l.Windows[i], l.Fields)
			}
		}
		l := changed(p.layout, change)
		g, err := p.gain(l)
		if err != nil {
			return nil, err
		}
		layouts, changes, gains, best = append(layouts, l), append(changes, change), append(gains, g), max(best, g)
	}
	for i, g := range gains {
		if best > 0 && g >= 0.8*best {
			x := Proposal{Kind: KindGeneral, Layout: layouts[i], change: changes[i], gain: g,
				Text:    fmt.Sprintf("再设 %d 个无差别综合窗口：%s", i+1, names(p.layout, ids[:i+1], "号", "、")),
				English: fmt.Sprintf("more general windows (%d): %s", i+1, names(p.layout, ids[:i+1], "", ", "))}
			for _, w := range ids[:i+1] {
				x.Windows = append(x.Windows, p.layout.Windows[w].ID)
			}
			x, err := p.judge(x)
			return []Proposal{x}, err
		}
	}
	return nil, nil
}

func names(l *hall.Layout, windows []int, after, between string) string {
	var list []string
	for _, w := range windows {
		list = append(list, string(l.Windows[w].ID)+after)
	}
	return strings.Join(list, between)
}

// teach tries to teach the least busy windows the fields whose people wait longest, one skill at a time.
func (p *planner) teach() ([]Proposal, error) {
	worst := p.waiting()
	var list []Proposal
	var gains []float64
	tried := 0
	for _, i := range p.idle() {
		for _, f := range worst[:min(3, len(worst))] {
			if tried == maxTaught || p.layout.Windows[i].Serves(f) {
				continue
			}
			tried++
			change := func(l *hall.Layout) { l.Windows[i].Fields = append(l.Windows[i].Fields, f) }
			l := changed(p.layout, change)
			g, err := p.gain(l)
			if err != nil {
				return nil, err
			}
			if g > 0 {
				list = append(list, Proposal{Kind: KindTeach, Layout: l, change: change, gain: g, Windows: []hall.WindowID{p.layout.Windows[i].ID}, Fields: []hall.FieldID{f},
					Text:    fmt.Sprintf("%s号窗口人员先学%s", p.layout.Windows[i].ID, p.fieldName(f)),
					English: fmt.Sprintf("who sits at window %s learns %s", p.layout.Windows[i].ID, p.english(f))})
				gains = append(gains, g)
			}
		}
	}
	return p.best(list, gains, topTaught)
}

// best judges the proposals with the largest gains.
func (p *planner) best(list []Proposal, gains []float64, n int) ([]Proposal, error) {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(gains[b], gains[a]) })
	var out []Proposal
	for _, i := range order[:min(n, len(order))] {
		x, err := p.judge(list[i])
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// waiting lists the fields by the time that all their people wait together.
func (p *planner) waiting() []hall.FieldID {
	groups := slices.Clone(p.baseChoose.Fields)
	slices.SortStableFunc(groups, func(a, b Group) int {
		return cmp.Compare(b.WaitMean*float64(b.N), a.WaitMean*float64(a.N))
	})
	var list []hall.FieldID
	for _, g := range groups {
		list = append(list, hall.FieldID(g.Name))
	}
	return list
}

// english names a field: a hall's by its letter, a history's by its queues.
func (p *planner) english(f hall.FieldID) string {
	switch name := p.queues[f]; {
	case p.queues == nil:
		return "field " + string(f)
	case strings.Contains(name, "+"):
		return "queues " + name
	default:
		return "queue " + name
	}
}

func (p *planner) fieldName(f hall.FieldID) string {
	for i := range p.layout.Fields {
		if p.layout.Fields[i].ID == f {
			return "“" + p.layout.Fields[i].Name["zh"] + "”"
		}
	}
	return string(f)
}

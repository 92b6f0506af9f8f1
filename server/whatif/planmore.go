package whatif

import (
	"cmp"
	"fmt"
	"slices"

	"yitang/server/hall"
)

// pair is two fields that some tickets want together.
type pair struct {
	a, b    hall.FieldID
	tickets int
}

// merge tries to let the field windows of two fields serve both: the pairs that one ticket wants most often, then the
// busiest with the idlest.
func (p *planner) merge() ([]Proposal, error) {
	var list []Proposal
	var gains []float64
	for _, x := range p.pairs() {
		change := func(l *hall.Layout) {
			for i := range l.Windows {
				w := &l.Windows[i]
				if w.Kind != hall.OfField {
					continue
				}
				for _, both := range [][2]hall.FieldID{{x.a, x.b}, {x.b, x.a}} {
					if w.Serves(both[0]) && !w.Serves(both[1]) {
						w.Fields = append(w.Fields, both[1])
						break
					}
				}
			}
		}
		l := changed(p.layout, change)
		g, err := p.gain(l)
		if err != nil {
			return nil, err
		}
		if g > 0 {
			list = append(list, Proposal{Kind: KindMerge, Layout: l, change: change, gain: g, Fields: []hall.FieldID{x.a, x.b}, Text: p.mergeText(x), English: p.mergeEnglish(x)})
			gains = append(gains, g)
		}
	}
	return p.best(list, gains, 2)
}

func (p *planner) mergeText(x pair) string {
	s := fmt.Sprintf("%s与%s并为一个领域", p.fieldName(x.a), p.fieldName(x.b))
	if x.tickets > 0 {
		s += fmt.Sprintf("，%d 张号票同时办两边的事项", x.tickets)
	}
	return s
}

func (p *planner) mergeEnglish(x pair) string {
	s := fmt.Sprintf("fields %s and %s become one", x.a, x.b)
	if p.queues != nil {
		s = fmt.Sprintf("%s and %s become one field", p.english(x.a), p.english(x.b))
	}
	if x.tickets > 0 {
		s += fmt.Sprintf("; tickets for matters of both: %d", x.tickets)
	}
	return s
}

func (p *planner) pairs() []pair {
	field := map[hall.MatterCode]hall.FieldID{}
	for _, m := range p.layout.Matters {
		field[m.Code] = m.Field
	}
	together := map[[2]hall.FieldID]int{}
	for i := range p.choose {
		for j := range p.choose[i].Visits {
			for key := range crossings(p.choose[i].Visits[j].Matters, field) {
				together[key]++
			}
		}
	}
	var list []pair
	for i, a := range p.layout.Fields {
		for _, b := range p.layout.Fields[i+1:] {
			list = append(list, pair{a: a.ID, b: b.ID, tickets: together[[2]hall.FieldID{a.ID, b.ID}] + together[[2]hall.FieldID{b.ID, a.ID}]})
		}
	}
	wait := map[hall.FieldID]float64{}
	for _, g := range p.baseChoose.Fields {
		wait[hall.FieldID(g.Name)] = g.WaitMean
	}
	apart := func(x pair) float64 { d := wait[x.a] - wait[x.b]; return max(d, -d) }
	slices.SortStableFunc(list, func(x, y pair) int {
		return cmp.Or(cmp.Compare(y.tickets, x.tickets), cmp.Compare(apart(y), apart(x)))
	})
	return list[:min(maxMerged, len(list))]
}

// crossings are the pairs of different fields among a ticket's matters.
func crossings(matters []hall.MatterCode, field map[hall.MatterCode]hall.FieldID) map[[2]hall.FieldID]bool {
	out := map[[2]hall.FieldID]bool{}
	for i, a := range matters {
		for _, b := range matters[i+1:] {
			if field[a] != field[b] && !out[[2]hall.FieldID{field[b], field[a]}] {
				out[[2]hall.FieldID{field[a], field[b]}] = true
			}
		}
	}
	return out
}

// short is the time at a window up to which a matter is short, as a part of the mean of all.
const short = 0.6

// quick tries to give the short matters a field of their own that one window serves alone, while every window that could
// do them before still can.
func (p *planner) quick() ([]Proposal, error) {
	codes := p.shortMatters()
	letter := p.freeLetter()
	if len(codes) == 0 || letter == "" {
		return nil, nil
	}
	var list []Proposal
	var gains []float64
	for _, i := range p.idle()[:min(maxQuick, len(p.idle()))] {
		change := func(l *hall.Layout) { quickWindow(l, i, letter, codes) }
		l := changed(p.layout, change)
		if l.Check() != nil { // the window was the last of its field
			continue
		}
		g, err := p.gain(l)
		if err != nil {
			return nil, err
		}
		if g > 0 {
			list = append(list, Proposal{Kind: KindQuick, Layout: l, change: change, gain: g, Windows: []hall.WindowID{l.Windows[i].ID}, Matters: codes,
				Text:    fmt.Sprintf("%s号改为快办窗口，只办 %d 个短事项", l.Windows[i].ID, len(codes)),
				English: fmt.Sprintf("window %s becomes a quick window, for short matters only (%d)", l.Windows[i].ID, len(codes))})
			gains = append(gains, g)
		}
	}
	return p.best(list, gains, 1)
}

func quickWindow(l *hall.Layout, window int, letter hall.FieldID, codes []hall.MatterCode) {
	from := map[hall.FieldID]bool{}
	for i := range l.Matters {
		if slices.Contains(codes, l.Matters[i].Code) {
			from[l.Matters[i].Field] = true
			l.Matters[i].Field = letter
		}
	}
	l.Fields = append(l.Fields, hall.Field{ID: letter, Name: hall.Text{"zh": "快办"}})
	for i := range l.Windows {
		w := &l.Windows[i]
		switch {
		case i == window:
			*w = hall.WindowPlan{ID: w.ID, Name: "快办窗口", Kind: hall.OfField, Fields: []hall.FieldID{letter}}
		case slices.ContainsFunc(w.Fields, func(f hall.FieldID) bool { return from[f] }):
			w.Fields = append(w.Fields, letter)
		}
	}
}

// shortMatters are those whose services were short on the days to choose by, each with enough tickets to tell.
func (p *planner) shortMatters() []hall.MatterCode {
	type sum struct {
		n     int
		total hall.Millis
	}
	by, all := map[hall.MatterCode]*sum{}, sum{}
	for i := range p.choose {
		for _, v := range p.choose[i].Visits {
			if len(v.Matters) != 1 {
				continue
			}
			if by[v.Matters[0]] == nil {
				by[v.Matters[0]] = &sum{}
			}
			by[v.Matters[0]].n++
			by[v.Matters[0]].total += v.Service
			all.n, all.total = all.n+1, all.total+v.Service
		}
	}
	var list []hall.MatterCode
	for code, s := range by {
		if s.n >= 5 && float64(s.total)/float64(s.n) <= short*float64(all.total)/float64(all.n) {
			list = append(list, code)
		}
	}
	slices.Sort(list)
	return list
}

func (p *planner) freeLetter() hall.FieldID {
	for c := 'Z'; c >= 'A'; c-- {
		id := hall.FieldID(string(c))
		if !slices.ContainsFunc(p.layout.Fields, func(f hall.Field) bool { return f.ID == id }) {
			return id
		}
	}
	return ""
}

// batch names the matters to take over next (先易后难、分批划转): still with their departments, decided on the spot before
// promised, few papers before many, short before long, asked for often before seldom. In the simulation they go from
// dedicated windows to those that serve the field with the shortest wait; without dedicated windows the gain is in ways
// between windows only, and comes out as none.
func (p *planner) batch() ([]Proposal, error) {
	var rest []hall.Matter
	for _, m := range p.layout.Matters {
		if !m.Transferred {
			rest = append(rest, m)
		}
	}
	if len(rest) == 0 {
		return nil, nil
	}
	asked := map[hall.MatterCode]int{}
	for i := range p.choose {
		for _, v := range p.choose[i].Visits {
			for _, code := range v.Matters {
				asked[code]++
			}
		}
	}
	hard := func(m hall.Matter) int {
		h := len(m.Materials) + m.ServiceMin/5
		if m.Kind == hall.Promised {
			h += 5
		}
		return h
	}
	slices.SortStableFunc(rest, func(a, b hall.Matter) int {
		return cmp.Or(cmp.Compare(hard(a), hard(b)), cmp.Compare(asked[b.Code], asked[a.Code]), cmp.Compare(a.Code, b.Code))
	})
	rest = rest[:min(maxBatch, len(rest))]
	x := Proposal{Kind: KindBatch, Text: fmt.Sprintf("下一批先划转 %d 个事项（先易后难）", len(rest)),
		English: fmt.Sprintf("matters to take over next, the easiest first (%d)", len(rest))}
	for _, m := range rest {
		x.Matters = append(x.Matters, m.Code)
	}
	x.change = func(l *hall.Layout) { p.takeOver(l, x.Matters) }
	x.Layout = changed(p.layout, x.change)
	x, err := p.judge(x)
	switch {
	case x.Helped == 0 && x.Worse == 0:
		x.Text += "；现有窗口已能办理，排队时间不变"
		x.English += "; today's windows can do them already, waits stay as they are"
	case x.Wait.Mean > 0:
		x.Text += "；按模拟，等候会变长"
		x.English += "; in the simulation waits grow"
	}
	return []Proposal{x}, err
}

// takeOver lets the general windows and those of the calmest field serve matters that only dedicated windows did.
func (p *planner) takeOver(l *hall.Layout, codes []hall.MatterCode) {
	calm := p.waiting()
	target := calm[len(calm)-1]
	for i := range l.Matters {
		m := &l.Matters[i]
		if !slices.Contains(codes, m.Code) {
			continue
		}
		onlyDedicated := true
		for _, w := range l.Windows {
			onlyDedicated = onlyDedicated && (w.Kind == hall.Dedicated || !w.Serves(m.Field))
		}
		if onlyDedicated {
			m.Field = target
		}
	}
}

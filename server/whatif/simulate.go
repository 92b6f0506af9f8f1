package whatif

import (
	"math"
	"slices"

	"yitang/server/hall"
)

// Outcome is what a simulation found.
type Outcome struct {
	Overall Overall                `json:"overall"`
	Classes map[string]Figures     `json:"classes"`
	Types   map[string]TypeFigures `json:"types"`

	span hall.Millis
}

// Minutes is how long the figures were measured: from the end of the warm-up to the last arrival.
func (o Outcome) Minutes() float64 { return float64(o.span) / ticks }

// Overall are the figures of the whole hall. Utilisation is the busy part of all windows' time, QueueMean the mean
// number of people who wait, both from the end of the warm-up to the last arrival.
type Overall struct {
	Figures
	Utilisation float64 `json:"utilisation"`
	QueueMean   float64 `json:"queue_mean"`
}

// TypeFigures add the share of the served whose wait kept the class's target.
type TypeFigures struct {
	Figures
	WithinTarget float64 `json:"within_target"`
}

// Simulate runs a checked scenario. The same scenario gives the same outcome, bit by bit. Progress, which may be nil,
// is told now and then how many customers have come.
func Simulate(s *Scenario, progress func(done int)) Outcome {
	f, skills := s.floor()
	c := newCrowd(s, skills)
	c.progress = progress
	r := newRun(f, c, c)
	r.room = s.WaitingRoom
	r.play()
	return c.outcome()
}

// crowd draws the customers of a scenario and counts what becomes of them.
type crowd struct {
	s        *Scenario
	skills   [][]hall.SkillNo
	class    []hall.ClassNo
	sums     []float64 // cumulated rates
	rate     float64
	when     *even
	who      *even
	service  []*even // of each type
	patience []*even
	clock    float64
	drawn    int
	parts    []part
	from, to hall.Millis
	inQueue  float64 // people × ticks
	busy     float64 // windows × ticks
	progress func(done int)
}

func newCrowd(s *Scenario, skills [][]hall.SkillNo) *crowd {
	c := &crowd{s: s, skills: skills, parts: make([]part, len(s.Types)), from: math.MaxInt64, to: math.MaxInt64,
		when: newEven(s.Customers, s.Seed, 1), who: newEven(s.Customers, s.Seed, 2)}
	for _, t := range s.Types {
		c.rate += t.Rate
		c.sums = append(c.sums, c.rate)
	}
	for i, t := range s.Types {
		n := int(math.Round(float64(s.Customers) * t.Rate / c.rate))
		c.service = append(c.service, newEven(n, s.Seed, uint64(2*i+3)))   // #nosec G115 -- a place in a list
		c.patience = append(c.patience, newEven(n, s.Seed, uint64(2*i+4))) // #nosec G115 -- a place in a list
		c.class = append(c.class, hall.ClassNo(slices.IndexFunc(s.Classes, func(k ScenarioClass) bool { return k.Name == t.Class })))
		c.parts[i].waits = make([]hall.Millis, 0, n+1)
	}
	return c
}

// next draws a customer. Each draws the same chances whatever the hall is like, so that two halls can be compared on
// the same people.
func (c *crowd) next() (Arrival, bool) {
	if c.drawn == c.s.Customers {
		return Arrival{}, false
	}
	c.clock += exponential(1/c.rate, c.when.next())
	at := hall.Millis(math.Round(c.clock * ticks))
	if c.drawn == c.s.Warmup {
		c.from = at
	}
	c.drawn++
	if c.drawn == c.s.Customers {
		c.to = at
	}
	if c.progress != nil && c.drawn%(1<<14) == 0 {
		c.progress(c.drawn)
	}
	i, u := 0, c.who.next()*c.rate
	for i < len(c.sums)-1 && u > c.sums[i] {
		i++
	}
	t := &c.s.Types[i]
	a := Arrival{At: at, Since: at, Class: c.class[i], Skills: c.skills[i], Tag: c.drawn<<16 | i,
		Service: hall.Millis(math.Round(t.Service.at(c.service[i].next()) * ticks))}
	if t.Patience > 0 {
		a.Patience = max(1, hall.Millis(math.Round(exponential(t.Patience, c.patience[i].next())*ticks)))
	}
	return a, true
}

// counted is the part of a customer and the stretch, unless it came in the warm-up.
func (c *crowd) counted(a *Arrival) (p *part, batch int) {
	n := a.Tag>>16 - 1 - c.s.Warmup
	if n < 0 {
		return nil, 0
	}
	return &c.parts[a.Tag&0xffff], n * batches / (c.s.Customers - c.s.Warmup)
}

func (c *crowd) came(a *Arrival, letIn bool) {
	if p, _ := c.counted(a); p != nil {
		p.came++
		if !letIn {
			p.blocked++
		}
	}
}

func (c *crowd) left(a *Arrival, waited hall.Millis) {
	if p, batch := c.counted(a); p != nil {
		p.left++
		p.wait(waited, batch)
	}
}

func (c *crowd) served(a *Arrival, waited hall.Millis, _ int) {
	if p, batch := c.counted(a); p != nil {
		p.done++
		p.wait(waited, batch)
		if waited <= hall.Millis(c.s.Classes[a.Class].Target*ticks) {
			p.within++
		}
	}
}

func (c *crowd) called(*Arrival, hall.PostNo, hall.Millis, hall.Millis) {}

func (c *crowd) passed(from, to hall.Millis, waiting, busy int) {
	if span := float64(min(to, c.to) - max(from, c.from)); span > 0 {
		c.inQueue += span * float64(waiting)
		c.busy += span * float64(busy)
	}
}

func (c *crowd) outcome() Outcome {
	out := Outcome{Classes: map[string]Figures{}, Types: map[string]TypeFigures{}, span: c.to - c.from}
	all := part{}
	classes := make([]part, len(c.s.Classes))
	for i := range c.parts {
		p := &c.parts[i]
		all.add(p)
		classes[c.class[i]].add(p)
		out.Types[c.s.Types[i].Name] = TypeFigures{Figures: p.figures(ticks), WithinTarget: share(p.within, p.done)}
	}
	for i, k := range c.s.Classes {
		out.Classes[k.Name] = classes[i].figures(ticks)
	}
	out.Overall = Overall{Figures: all.figures(ticks)}
	if span := float64(c.to - c.from); span > 0 {
		out.Overall.QueueMean = c.inQueue / span
		out.Overall.Utilisation = c.busy / span / float64(len(c.s.Windows))
	}
	return out
}

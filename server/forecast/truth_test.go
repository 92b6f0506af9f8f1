package forecast_test

import (
	"container/heap"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"yitang/server/forecast"
	"yitang/server/hall"
	"yitang/server/route"
)

var truthTickets = flag.Int("truth", 60, "judged tickets of each simulated hall whose truth is known")

// full is how many judged tickets make the table.
const full = 20_000

const (
	midnight hall.Millis = 1748880000000 // 2025-06-03 00:00 in Beijing
	offset   hall.Millis = 8 * 3600 * 1000
	dayMS    hall.Millis = 24 * 3600 * 1000
	hourMS   hall.Millis = 3600 * 1000

	learnEvery = hourMS / 2 // today is learnt from, too; a server learns more often
)

// truth is a hall whose laws are known. Rates are people an hour from nine to five, times the hour's part of the rush.
type truth struct {
	name    string
	windows []string  // letters of their fields
	rates   []float64 // by field
	mean    []float64 // minutes of service, by field
	cv2     float64   // 0: exponential
	prior   float64   // share of statutory priority
	rush    []float64 // by hour from nine; nil is even
	policy  string
}

func truths() []truth {
	return []truth{
		{name: "M-M-5, 90 %", windows: repeat("A", 5), rates: []float64{45}, mean: []float64{6}},
		{name: "priorities, log-normal, ratio rule", windows: repeat("A", 5), rates: []float64{30}, mean: []float64{9}, cv2: 1.5, prior: 0.25},
		{name: "three fields, shared skills", windows: []string{"AB", "BC", "CA", "A", "B", "ABC", "C"}, rates: []float64{14, 12, 10},
			mean: []float64{8, 10, 12}, cv2: 1},
		{name: "rush hour, strict priority", windows: repeat("A", 6), rates: []float64{36}, mean: []float64{8}, cv2: 1, prior: 0.15, policy: "strict",
			rush: []float64{1.3, 1.7, 1.2, 0.5, 0.6, 1.1, 1, 0.6}},
	}
}

func repeat(s string, n int) []string {
	return strings.Split(strings.TrimSuffix(strings.Repeat(s+",", n), ","), ",")
}

// finish is when a window is done.
type finish struct {
	at     hall.Millis
	window int
}

type finishes []finish

func (h finishes) Len() int           { return len(h) }
func (h finishes) Less(i, j int) bool { return h[i].at < h[j].at }
func (h finishes) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *finishes) Push(x any)        { *h = append(*h, x.(finish)) }
func (h *finishes) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// play runs the real hall on a truth, day after day, and asks for a forecast for each ticket.
type play struct {
	truth
	t      testing.TB
	dice   *rand.Rand
	s      *hall.State
	layout *hall.Layout
	known  *forecast.Hall
	past   []hall.PastService
	at     map[hall.TicketID]int // in past
	spells []hall.PastSpell
	day    int
	busy   finishes
	each   int // asks a forecast for each so many-th ticket
}

func newPlay(t testing.TB, tr truth, seed uint64) *play {
	p := &play{truth: tr, t: t, dice: rand.New(rand.NewPCG(seed, 7)), s: hall.New(route.Rule{}), each: 1}
	l := hall.Layout{Version: "1", Hall: "h", Name: hall.Text{"zh": "厅"}, Zone: "Asia/Shanghai", Hours: hall.Hours{Spans: []hall.Span{{From: 540, To: 1020}}}}
	l.Calling.Policy = tr.policy
	for i := range tr.rates {
		f := hall.FieldID(rune('A' + i))
		l.Fields = append(l.Fields, hall.Field{ID: f, Name: hall.Text{"zh": "域"}})
		l.Matters = append(l.Matters, hall.Matter{Code: hall.MatterCode(f) + "-1", Name: hall.Text{"zh": "事"}, Field: f, Kind: hall.OnTheSpot, Subject: "both", ServiceMin: 10})
	}
	for i, letters := range tr.windows {
		w := hall.WindowPlan{ID: hall.WindowID(fmt.Sprint(i + 1)), Kind: hall.OfField}
		for _, f := range letters {
			w.Fields = append(w.Fields, hall.FieldID(f))
		}
		l.Windows = append(l.Windows, w)
	}
	p.do(hall.AdoptLayout{Layout: l}, midnight)
	p.layout = p.s.Layout()
	return p
}

func (p *play) do(cmd hall.Command, at hall.Millis) []hall.Event {
	p.t.Helper()
	events, err := hall.Decide(p.s, cmd, at, "clerk:c")
	if err != nil {
		p.t.Fatalf("%+v: %v", cmd, err)
	}
	for i := range events {
		p.s.Apply(&events[i])
	}
	return events
}

// service draws a service in milliseconds.
func (p *play) service(field int) hall.Millis {
	m := p.mean[field] * 60_000
	if p.cv2 == 0 {
		return hall.Millis(m*p.dice.ExpFloat64()) + 1
	}
	v := math.Log1p(p.cv2)
	return hall.Millis(m*math.Exp(math.Sqrt(v)*p.dice.NormFloat64()-v/2)) + 1
}

// runDay plays one business day.
func (p *play) runDay() {
	start := midnight + hall.Millis(p.day)*dayMS
	name := hall.Day(fmt.Sprintf("2025-%02d-%02d", 6+(p.day+2)/30, (p.day+2)%30+1))
	p.do(hall.OpenDay{Day: name}, start+8*hourMS)
	p.at = map[hall.TicketID]int{}
	for i := range p.windows {
		p.do(hall.OpenWindow{Window: p.layout.Windows[i].ID}, start+8*hourMS)
		p.spells = append(p.spells, hall.PastSpell{Window: p.layout.Windows[i].ID, Since: start + 8*hourMS, Until: start + 20*hourMS})
	}
	at, field, more := p.next(start, start+9*hourMS)
	learnAt := hall.Millis(0)
	for more || len(p.busy) > 0 {
		if len(p.busy) > 0 && (!more || p.busy[0].at <= at) {
			f := heap.Pop(&p.busy).(finish)
			w := p.layout.Windows[f.window].ID
			p.past[p.at[p.s.Window(w).Ticket.ID]].EndedAt = f.at
			p.do(hall.Finish{Window: w}, f.at)
			p.call(f.window, f.at)
			continue
		}
		if p.day >= 2 && at >= learnAt {
			p.known, learnAt = forecast.Learn(p.layout, lastDays(p.past, 20), p.spells, at, name, offset), at+learnEvery
		}
		p.arrive(name, at, field)
		at, field, more = p.next(start, at)
	}
	p.do(hall.CloseDay{}, start+22*hourMS)
	p.day++
}

func lastDays(past []hall.PastService, n int) []hall.PastService {
	days := map[hall.Day]bool{}
	for i := len(past) - 1; i >= 0; i-- {
		days[past[i].Day] = true
		if len(days) > n {
			return past[i+1:]
		}
	}
	return past
}

// next draws when and for which field the next person comes.
func (p *play) next(start, at hall.Millis) (hall.Millis, int, bool) {
	total, most := 0.0, 1.0
	for _, r := range p.rates {
		total += r
	}
	if p.rush != nil {
		most = slices.Max(p.rush)
	}
	for {
		at += hall.Millis(p.dice.ExpFloat64()/(total*most)*float64(hourMS)) + 1
		if at >= start+17*hourMS {
			return 0, 0, false
		}
		if p.rush != nil && p.dice.Float64() > p.rush[int((at-start)/hourMS)-9]/most {
			continue
		}
		x := p.dice.Float64() * total
		for f, r := range p.rates {
			if x -= r; x < 0 {
				return at, f, true
			}
		}
	}
}

func (p *play) arrive(day hall.Day, at hall.Millis, field int) {
	m := p.layout.Matters[field]
	take := hall.Take{Matters: []hall.MatterCode{m.Code}, Priority: hall.Ordinary, Language: "zh", Channel: "kiosk", PersonKind: "none"}
	if p.dice.Float64() < p.prior {
		take.Priority = hall.Elderly
	}
	if p.known != nil && len(p.past)%p.each == 0 {
		o := p.known.Look(p.s.View(), at, uint64(len(p.past)))
		take.Told = o.Arriving([]forecast.Want{{Field: m.Field, Act: hall.DecideNow}}, take.Priority.Class())
	}
	take.Track = fmt.Sprint(len(p.past))
	events := p.do(take, at)
	t := p.s.Ticket(events[0].Subject())
	p.at[t.ID] = len(p.past)
	p.past = append(p.past, hall.PastService{Day: day, Field: m.Field, Matters: t.Matters, Priority: t.Priority, IssuedAt: at, Told: t.Told})
	for _, i := range p.idle() {
		if p.call(i, at) {
			return
		}
	}
}

// idle lists the free windows, those with the fewest skills first, then the longest idle.
func (p *play) idle() []int {
	var list []int
	for i := range p.windows {
		if w := p.s.Window(p.layout.Windows[i].ID); w.State == hall.Open && w.Ticket == nil {
			list = append(list, i)
		}
	}
	posts := p.s.Floor().Posts()
	slices.SortStableFunc(list, func(a, b int) int {
		if d := len(p.windows[a]) - len(p.windows[b]); d != 0 {
			return d
		}
		return int(posts[a].FreeSince - posts[b].FreeSince)
	})
	return list
}

func (p *play) call(i int, at hall.Millis) bool {
	w := p.layout.Windows[i].ID
	if len(p.do(hall.CallNext{Window: w}, at)) == 0 {
		return false
	}
	t := p.s.Window(w).Ticket
	x := &p.past[p.at[t.ID]]
	x.Leg, x.Window, x.Clerk, x.CalledAt = 1, w, "clerk:c", at
	heap.Push(&p.busy, finish{at + p.service(int(t.Field[0]-'A')), i})
	return true
}

// together is how many people who come one after the other share their luck: about so many tell as much as one who came alone.
const together = 10

// TestKnownTruth holds the forecasts to halls whose laws are known: each quantile must cover what it says. The full
// table is made by `make coverage`. Every test run asks few tickets, each so far from the last one that it tells something
// of its own, so that the bounds can be those of so many independent trials: four standard deviations.
func TestKnownTruth(t *testing.T) {
	for _, tr := range truths() {
		t.Run(tr.name, func(t *testing.T) {
			p := newPlay(t, tr, 11)
			whole := *truthTickets >= full
			if !whole {
				p.each = together
			}
			var told judged
			for from := 0; told.n < *truthTickets; from = len(p.past) {
				p.runDay()
				if p.day >= 6 || !whole { // before, the correction has too few days
					told.add(p.past[from:])
				}
			}
			n := float64(told.n)
			var share [3]float64
			for q, level := range []float64{0.5, 0.8, 0.9} {
				share[q] = float64(told.covered[q]) / n
				slack := 0.02
				if !whole {
					slack += 4 * math.Sqrt(level*(1-level)/n)
				}
				if math.Abs(share[q]-level) > slack {
					t.Errorf("%.1f covers %.3f, more than %.3f off", level, share[q], slack)
				}
			}
			t.Logf("| %s | %d | %.1f | %.3f | %.3f | %.3f |", tr.name, told.n, told.minutes/n, share[0], share[1], share[2])
		})
	}
}

// judged counts tickets that were told a wait and waited.
type judged struct {
	n       int
	minutes float64
	covered [3]int
}

func (j *judged) add(past []hall.PastService) {
	for i := range past {
		x := &past[i]
		wait := float64(x.CalledAt-x.IssuedAt) / 1000
		if x.Told == nil || wait <= 0 {
			continue
		}
		j.n++
		j.minutes += wait / 60
		for q, s := range []int{x.Told.P50S, x.Told.P80S, x.Told.P90S} {
			if wait <= float64(s) {
				j.covered[q]++
			}
		}
	}
}

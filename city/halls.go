package city

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"yitang/city/ledger"
	"yitang/city/letter"
	"yitang/city/line"
	"yitang/city/outbox"
	"yitang/city/register"
	"yitang/server/hall"
)

// fresh is how old a hall's word may be to count as its state now.
const fresh = 45 * time.Second

// answerWithin bounds an answer to a hall.
const answerWithin = 4 * time.Second

// listen hears what halls say of themselves and answers what they ask. The connection owns the goroutines.
func (t *City) listen() error {
	if _, err := t.nc.Subscribe(line.NowFrom, t.hear); err != nil {
		return err
	}
	if _, err := t.nc.Subscribe(line.AnswerFrom, t.errands.answered); err != nil { // each city's own: only one of them waits for it
		return err
	}
	_, err := t.nc.QueueSubscribe(line.AskFrom, "city", func(m *nats.Msg) { t.answers.start(func() { t.answer(m) }) })
	return err
}

// maxNow bounds a hall's word about itself.
const maxNow = 64 << 10

func (t *City) hear(m *nats.Msg) {
	n := &outbox.Now{}
	if len(m.Data) > maxNow || json.Unmarshal(m.Data, n) != nil {
		return
	}
	n.Hall = line.HallOf(m.Subject) // whatever it says: the credential speaks
	n.At = hall.Millis(time.Now().UnixMilli())
	t.mu.Lock()
	if was := t.nows[n.Hall]; was == nil || n.At-was.At > hall.Millis(fresh.Milliseconds()) {
		t.ups[n.Hall] = time.Now()
	}
	t.nows[n.Hall] = n
	t.mu.Unlock()
}

// now is a hall's word, nil when it is not fresh.
func (t *City) now(id hall.ID) *outbox.Now {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.nows[id]
	if n == nil || time.Since(time.UnixMilli(int64(n.At))) > fresh {
		return nil
	}
	return n
}

func (t *City) answer(m *nats.Msg) {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	var q outbox.Question
	if json.Unmarshal(m.Data, &q) != nil {
		return
	}
	var a outbox.Answer
	id := line.HallOf(m.Subject)
	switch q.What {
	case outbox.AskPosition:
		if err := t.position(ctx, id, &a); err != nil {
			return // no answer: the hall asks again
		}
	case outbox.AskNearest:
		a.Near = t.nearest(id, q.Matters)
	case outbox.AskHalls:
		a.Halls = t.others(id, q.Matters)
	case outbox.AskKey:
		if a.Fault = t.reachable(id, q.To); a.Fault == "" {
			a.Box = t.register.Load().Halls[q.To].Box
		}
	case outbox.AskErrand:
		a.Sealed, a.Fault = t.errand(id, &q)
	}
	if data, err := json.Marshal(&a); err == nil {
		_ = m.Respond(data)
	}
}

// position is up to where the hall's journal is in the database.
func (t *City) position(ctx context.Context, id hall.ID, a *outbox.Answer) error {
	member := t.register.Load().Halls[id]
	if member == nil {
		return nil
	}
	idle, err := t.intake.Idle(ctx, line.PartitionFor(id)) // before the position: what was acknowledged is committed
	if err != nil {
		return err
	}
	gen, seq, hash, err := t.ledger.Position(ctx, id)
	if err != nil {
		return err
	}
	if a.Gen, a.Idle = member.Gen, idle; gen == member.Gen {
		a.Seq, a.Hash = seq, hash
	}
	return nil
}

// Bounds of the halls that are named to somebody.
const (
	mostNear   = 3
	minPerKm   = 2
	unknownKm  = 10
	earthKm    = 6371.0
	mostMatter = 20
)

// nearest are other halls that serve all matters now, by the wait and the way.
func (t *City) nearest(from hall.ID, matters []string) []outbox.Near {
	halls := t.layouts.Load()
	if halls == nil || len(matters) == 0 || len(matters) > mostMatter {
		return nil
	}
	r := t.register.Load()
	var list []outbox.Near
	for id, h := range *halls {
		member, n := r.Halls[id], t.now(id)
		if id == from || member == nil || member.Revoked || n == nil || !n.Open || h.Layout == nil {
			continue
		}
		if near, ok := serves(h, n, matters); ok {
			near.Address, near.Km = member.Address, distance(r.Halls[from], member)
			list = append(list, near)
		}
	}
	cost := func(n outbox.Near) float64 {
		if n.Km == nil {
			return float64(n.P50) + minPerKm*unknownKm
		}
		return float64(n.P50) + minPerKm**n.Km
	}
	slices.SortFunc(list, func(a, b outbox.Near) int {
		return cmp.Or(cmp.Compare(cost(a), cost(b)), cmp.Compare(a.Hall, b.Hall))
	})
	return list[:min(mostNear, len(list))]
}

// serves says whether a hall serves all matters at open windows and can say how long somebody would wait: the longest of
// them.
func serves(h *ledger.Hall, n *outbox.Now, matters []string) (outbox.Near, bool) {
	near := outbox.Near{Hall: h.ID, Name: h.Name, At: n.At, Books: n.Books}
	for _, code := range matters {
		i := slices.IndexFunc(h.Layout.Matters, func(m hall.Matter) bool { return string(m.Code) == code })
		if i < 0 {
			return near, false
		}
		q := slices.IndexFunc(n.Queues, func(q outbox.Queue) bool { return q.Field == h.Layout.Matters[i].Field })
		if q < 0 || !n.Queues[q].Served || n.Queues[q].P50 == nil || n.Queues[q].P90 == nil {
			return near, false
		}
		near.P50, near.P90 = max(near.P50, *n.Queues[q].P50), max(near.P90, *n.Queues[q].P90)
	}
	return near, true
}

// distance is that on the sphere (haversine), nil where a place is not known.
func distance(a, b *register.Member) *float64 {
	if a == nil || b == nil || a.Lat == nil || a.Lon == nil || b.Lat == nil || b.Lon == nil {
		return nil
	}
	rad := func(deg float64) float64 { return deg * math.Pi / 180 }
	lat, lon := rad(*b.Lat-*a.Lat), rad(*b.Lon-*a.Lon)
	s := math.Pow(math.Sin(lat/2), 2) + math.Cos(rad(*a.Lat))*math.Cos(rad(*b.Lat))*math.Pow(math.Sin(lon/2), 2)
	km := math.Round(2*earthKm*math.Asin(math.Sqrt(s))*10) / 10
	return &km
}

// Glance is a hall as the city's page shows it.
type Glance struct {
	Hall     hall.ID           `json:"hall"`
	Name     string            `json:"name"`
	Level    string            `json:"level"`
	Online   bool              `json:"online"`             // its line is up: it has spoken a moment ago
	Since    *time.Time        `json:"since,omitempty"`    // since when it is up, or has been silent; none where it has not spoken since the city started
	Now      *outbox.Now       `json:"now,omitempty"`      // what it said last
	Position uint64            `json:"position"`           // last event taken in
	Behind   uint64            `json:"behind"`             // events that the hall has and the city has not, as far as it said
	LastAt   *time.Time        `json:"last_at,omitempty"`  // of the last event
	Fault    string            `json:"fault,omitempty"`    // why nothing is taken in
	Standard int               `json:"standard,omitempty"` // version of the city's catalogue that it works by
	Gen      letter.Generation `json:"gen"`
	Revoked  bool              `json:"revoked,omitempty"`
	Windows  int               `json:"windows"`
	Matters  int               `json:"matters"`
}

// glance is every hall of the register.
func (t *City) glance() []Glance {
	halls := t.layouts.Load()
	list := []Glance{}
	for id, m := range t.register.Load().Halls {
		g := Glance{Hall: id, Name: m.Name, Level: m.Level, Gen: m.Gen, Revoked: m.Revoked, Online: t.now(id) != nil}
		t.mu.Lock()
		if g.Now = t.nows[id]; g.Now != nil {
			since := time.UnixMilli(int64(g.Now.At)).UTC()
			if g.Online {
				since = t.ups[id].UTC()
			}
			g.Since = &since
		}
		t.mu.Unlock()
		if halls != nil && (*halls)[id] != nil {
			g.known((*halls)[id])
		}
		list = append(list, g)
	}
	slices.SortFunc(list, func(a, b Glance) int { return cmp.Compare(a.Hall, b.Hall) })
	return list
}

func (g *Glance) known(h *ledger.Hall) {
	g.Position, g.Behind, g.Fault = h.Position, h.Head-min(h.Head, h.Position), h.Fault
	if h.Name != "" {
		g.Name = h.Name
	}
	if h.At != 0 {
		at := time.UnixMilli(int64(h.At)).UTC()
		g.LastAt = &at
	}
	if h.Layout != nil {
		g.Standard, g.Windows, g.Matters = h.Layout.Standard, len(h.Layout.Windows), len(h.Layout.Matters)
	}
}

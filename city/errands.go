package city

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"yitang/city/line"
	"yitang/city/outbox"
	"yitang/server/hall"
)

// Bounds of errands.
const (
	maxErrands = 1000 // on their way at once
	mostOthers = 50   // halls that are named to somebody who wants an appointment
)

// errands are what halls have asked of each other and wait for. The city hands on what it cannot read: an errand is sealed
// to one hall, its outcome to the other.
type errands struct {
	mu   sync.Mutex
	open map[string]errand
}

type errand struct {
	to      hall.ID
	outcome chan []byte // holds one
}

func (e *errands) begin(to hall.ID) (id string, outcome chan []byte) {
	id, outcome = rand.Text(), make(chan []byte, 1)
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.open) >= maxErrands {
		return "", nil
	}
	if e.open == nil {
		e.open = map[string]errand{}
	}
	e.open[id] = errand{to, outcome}
	return id, outcome
}

func (e *errands) end(id string) {
	e.mu.Lock()
	delete(e.open, id)
	e.mu.Unlock()
}

// answered hears a hall. What another hall was asked it cannot answer: its credential publishes on its own subject only.
func (e *errands) answered(m *nats.Msg) {
	var r outbox.Reply
	if json.Unmarshal(m.Data, &r) != nil {
		return
	}
	e.mu.Lock()
	one, ok := e.open[r.ID]
	if ok = ok && one.to == line.HallOf(m.Subject); ok {
		delete(e.open, r.ID)
	}
	e.mu.Unlock()
	if ok {
		one.outcome <- r.Sealed
	}
}

// reachable says why a hall cannot ask another one now, or nothing.
func (t *City) reachable(from, to hall.ID) outbox.Fault {
	m := t.register.Load().Halls[to]
	switch {
	case m == nil || m.Revoked || to == from:
		return outbox.FaultNoHall
	case t.now(to) == nil:
		return outbox.FaultAway
	}
	return ""
}

// errand hands an errand on and waits for the outcome.
func (t *City) errand(from hall.ID, q *outbox.Question) ([]byte, outbox.Fault) {
	fault := t.reachable(from, q.To)
	asking := t.register.Load().Halls[from]
	if fault != "" || asking == nil {
		return nil, cmp.Or(fault, outbox.FaultNoHall)
	}
	id, outcome := t.errands.begin(q.To)
	if id == "" {
		return nil, outbox.FaultAway
	}
	defer t.errands.end(id)
	call, err := json.Marshal(outbox.Call{ID: id, From: from, Box: asking.Box, Sealed: q.Sealed})
	if err != nil || t.nc.Publish(line.CallOf(q.To), call) != nil {
		return nil, outbox.FaultAway
	}
	late := time.NewTimer(outbox.ErrandWithin)
	defer late.Stop()
	select {
	case sealed := <-outcome:
		return sealed, ""
	case <-late.C:
		return nil, outbox.FaultSilent
	}
}

// others are the other halls that take appointments for all of some matters, the nearest first.
func (t *City) others(from hall.ID, matters []string) []outbox.Other {
	halls, r := t.layouts.Load(), t.register.Load()
	if halls == nil || len(matters) > mostMatter {
		return nil
	}
	var list []outbox.Other
	for id, h := range *halls {
		member, n := r.Halls[id], t.now(id)
		if id == from || member == nil || member.Revoked || n == nil || !n.Books || !offers(layoutOf(h), matters) {
			continue
		}
		list = append(list, outbox.Other{Hall: id, Name: cmp.Or(h.Name, member.Name), Address: member.Address, Km: distance(r.Halls[from], member)})
	}
	far := func(o outbox.Other) float64 { // where nobody knows how far it is stands last
		if o.Km == nil {
			return math.Inf(1)
		}
		return *o.Km
	}
	slices.SortFunc(list, func(a, b outbox.Other) int {
		return cmp.Or(cmp.Compare(far(a), far(b)), cmp.Compare(a.Hall, b.Hall))
	})
	return list[:min(mostOthers, len(list))]
}

func offers(l *hall.Layout, matters []string) bool {
	return !slices.ContainsFunc(matters, func(code string) bool {
		return !slices.ContainsFunc(l.Matters, func(m hall.Matter) bool { return string(m.Code) == code })
	})
}

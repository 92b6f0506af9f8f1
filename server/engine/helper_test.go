package engine_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
)

const (
	kiosk hall.Actor = "kiosk:1"
	clerk hall.Actor = "clerk:li"
)

// journal keeps entries in memory. Fields are set before Run, but for the counters.
type journal struct {
	mu      sync.Mutex
	entries []hall.Entry
	batches []int         // entries of each Append
	enter   chan struct{} // Append says that it began; may be nil
	release chan error    // then Append waits for its result; may be nil
}

func (j *journal) Answer(actor hall.Actor, key string) ([]byte, string, bool, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.entries {
		if e.Actor == actor && e.Key == key {
			return e.Answer, e.Digest, true, nil
		}
	}
	return nil, "", false, nil
}

func (j *journal) Append(entries []hall.Entry) error {
	if j.enter != nil {
		j.enter <- struct{}{}
	}
	if j.release != nil {
		if err := <-j.release; err != nil {
			return err
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, slices.Clone(entries)...)
	j.batches = append(j.batches, len(entries))
	return nil
}

func (j *journal) Replay(_ context.Context, apply func(*hall.Event) error) error {
	for _, e := range j.entries {
		for i := range e.Events {
			if err := apply(&e.Events[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Kept is nothing: these halls open no case.
func (j *journal) Kept(context.Context) (hall.Kept, error) { return hall.Kept{}, nil }

func (j *journal) sizes() []int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.batches)
}

func layout() hall.Layout {
	zh := func(s string) hall.Text { return hall.Text{"zh": s} }
	return hall.Layout{
		Version: "1", Hall: "changji", Name: zh("大厅"), Zone: "Asia/Shanghai", Hours: hall.Hours{Always: true},
		Fields:  []hall.Field{{ID: "A", Name: zh("市场")}, {ID: "B", Name: zh("工程")}},
		Matters: []hall.Matter{{Code: "A-1", Name: zh("一"), Field: "A", Kind: hall.OnTheSpot}, {Code: "B-1", Name: zh("二"), Field: "B", Kind: hall.OnTheSpot}},
		Windows: []hall.WindowPlan{{ID: "1", Kind: hall.General, Fields: []hall.FieldID{"A", "B"}}, {ID: "2", Kind: hall.General, Fields: []hall.FieldID{"A"}}},
	}
}

// opened is a journal with a layout and an open day.
func opened(t testing.TB) *journal {
	t.Helper()
	j := &journal{}
	s := hall.New(route.Rule{})
	for _, c := range []hall.Command{hall.AdoptLayout{Layout: layout()}, hall.OpenDay{Day: "2025-06-03"}} {
		events, err := hall.Decide(s, c, 1748916000000, hall.System)
		if err != nil {
			t.Fatal(err)
		}
		for i := range events {
			s.Apply(&events[i])
		}
		j.entries = append(j.entries, hall.Entry{Actor: hall.System, Events: events})
	}
	return j
}

// views collects what the engine publishes.
type views struct {
	mu   sync.Mutex
	list []*hall.View
}

func (v *views) publish(n *hall.View) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.list = append(v.list, n)
}

func (v *views) seqs() []uint64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []uint64
	for _, n := range v.list {
		out = append(out, n.Seq)
	}
	return out
}

// start runs an engine on a journal; stop ends it and returns Run's error.
func start(t testing.TB, j engine.Journal) (e *engine.Engine, v *views, stop func() error) {
	t.Helper()
	v = &views{}
	e, err := engine.New(t.Context(), j, route.Rule{}, time.Now, v.publish)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	var once sync.Once
	var result error
	stop = func() error {
		once.Do(func() {
			cancel()
			result = <-ended
		})
		return result
	}
	t.Cleanup(func() { _ = stop() })
	return e, v, stop
}

func takes(m hall.MatterCode) hall.Take {
	return hall.Take{Matters: []hall.MatterCode{m}, Priority: hall.Ordinary, Language: "zh", Channel: "kiosk", PersonKind: "none", Track: fmt.Sprintf("t%d", time.Now().UnixNano())}
}

// number answers with the number of the ticket issued or called.
func number(s *hall.State, events []hall.Event) []byte {
	for i := range events {
		if t := s.Ticket(events[i].Subject()); t != nil {
			return []byte(t.Number)
		}
	}
	return nil
}

// request takes a ticket under a key; the digest names the request.
func request(key string, m hall.MatterCode) engine.Request {
	return engine.Request{Actor: kiosk, Key: key, Digest: string(m), Command: takes(m), Answer: number}
}

package api

import (
	"encoding/json"
	"sync"
	"time"

	"yitang/server/wire"
)

// reportEvery bounds how often a client's word about itself is listened to.
const reportEvery = time.Second

// audience knows who shows which screen now. It is not kept: after a restart everybody connects anew.
type audience struct {
	now   func() time.Time
	mu    sync.Mutex
	seats map[*seat]struct{}
	asked map[string]int // how often a screen was asked to show its name
}

// seat is one connected page or display.
type seat struct {
	screen   string
	poke     chan struct{} // of one: say something now
	client   wire.ScreenClient
	reported time.Time
	heard    time.Time // last sign of life, by the clock that nobody sets
}

func newAudience(now func() time.Time) *audience {
	return &audience{now: now, seats: map[*seat]struct{}{}, asked: map[string]int{}}
}

func (l *audience) enter(screen, address string) *seat {
	now := l.now()
	s := &seat{screen: screen, poke: make(chan struct{}, 1), client: wire.ScreenClient{Client: "page", Address: address, Since: now, Heard: now}, heard: time.Now()}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seats[s] = struct{}{}
	return s
}

func (l *audience) leave(s *seat) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.seats, s)
}

// alive notes a sign of life.
func (l *audience) alive(s *seat) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.client.Heard, s.heard = l.now(), time.Now()
}

// report takes what a client says about itself; what cannot be read, or comes too often, is passed over.
func (l *audience) report(s *seat, text []byte) {
	var r wire.ScreenReport
	if json.Unmarshal(text, &r) != nil || r.Client != "page" && r.Client != "display" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	real := time.Now()
	if real.Sub(s.reported) < reportEvery {
		return
	}
	s.reported, s.heard = real, real
	c := &s.client
	c.Client, c.Version, c.Width, c.Height, c.Seq = r.Client, r.Version, r.Width, r.Height, r.Seq
	c.Shows, c.Sound, c.BehindS, c.Note, c.Heard = r.Shows, r.Sound, r.BehindS, r.Note, l.now()
}

// clients lists who shows what.
func (l *audience) clients() map[string][]wire.ScreenClient {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string][]wire.ScreenClient{}
	for s := range l.seats {
		c := s.client
		c.HeardS = time.Since(s.heard).Seconds()
		out[s.screen] = append(out[s.screen], c)
	}
	return out
}

// identify asks a screen to show its name; false when nobody shows the screen.
func (l *audience) identify(screen string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := false
	for s := range l.seats {
		if s.screen != screen {
			continue
		}
		found = true
		select {
		case s.poke <- struct{}{}:
		default:
		}
	}
	if found {
		l.asked[screen]++
	}
	return found
}

// names is how often a screen was asked for its name.
func (l *audience) names(screen string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked[screen]
}

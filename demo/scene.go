package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"yitang/demo/profile"
	"yitang/server/hall"
	"yitang/server/wire"
)

// HandWindow is the window of the example hall that no simulated clerk works at: it is for whoever tries the demo.
const HandWindow hall.WindowID = "24"

// DefaultShare is the part of the real office's people that come to the example hall; see the package's comment.
const DefaultShare = 0.58

// When nobody works, the clock is put forward. The hall's time.
const (
	beforeOpening = 10 * time.Minute // so much is left of the night
	afterLeaving  = 10 * time.Minute // after the last clerk has left
	lookEvery     = time.Minute
	lookReal      = 20 * time.Millisecond // real time between two looks at least
)

// Config is a hall to bring to life.
type Config struct {
	Clock      *Clock
	Layout     *hall.Layout
	Profile    *profile.Profile
	Share      float64 // of the profile's people; 0 is DefaultShare
	Rand       *rand.Rand
	Kiosks     []Kiosk
	Stations   map[hall.WindowID]Station // one for each window with a simulated clerk
	SkipMidday bool                      // put the clock forward at midday, too
	Report     Report                    // may be nil
}

// Scene is a hall with people and clerks in it.
type Scene struct {
	clock      *Clock
	calendar   Calendar
	people     *People
	clerks     []*Clerk
	skipMidday bool
}

// Staffed are the windows that simulated clerks work at: all of them but HandWindow.
func Staffed(l *hall.Layout) []hall.WindowID {
	var out []hall.WindowID
	for _, w := range l.Windows {
		if w.ID != HandWindow {
			out = append(out, w.ID)
		}
	}
	return out
}

// NewScene puts people and clerks into a hall. Nothing happens before Run.
func NewScene(c Config) (*Scene, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	calendar, err := NewCalendar(c.Layout)
	if err != nil {
		return nil, err
	}
	if c.Share == 0 {
		c.Share = DefaultShare
	}
	if c.Report == nil {
		c.Report = func(string, error) {}
	}
	s := &Scene{clock: c.Clock, calendar: calendar, skipMidday: c.SkipMidday}
	s.people = newPeople(c, calendar)
	s.clerks = newClerks(c, calendar)
	return s, nil
}

func (c *Config) check() error {
	switch {
	case c.Clock == nil || c.Layout == nil || c.Profile == nil || c.Rand == nil:
		return errors.New("demo: a scene needs a clock, a layout, a profile and a source of randomness")
	case len(c.Kiosks) == 0:
		return errors.New("demo: a scene needs a kiosk")
	case c.Share < 0:
		return fmt.Errorf("demo: the share of people %v is below 0", c.Share)
	}
	windows := map[hall.WindowID]bool{}
	for _, w := range c.Layout.Windows {
		windows[w.ID] = true
	}
	for w := range c.Stations {
		if !windows[w] {
			return fmt.Errorf("demo: the hall has no window %s", w)
		}
	}
	return nil
}

func newPeople(c Config, calendar Calendar) *People {
	p := &People{clock: c.Clock, calendar: calendar, report: c.Report,
		profile: c.Profile.Scaled(c.Share).During(c.Layout.Hours),
		public:  NewPublic(c.Layout, chance{c.Rand}.child().rng)}
	for _, k := range c.Kiosks {
		p.lanes = append(p.lanes, &lane{kiosk: k, people: make(chan Request, kioskQueue), clock: c.Clock, report: c.Report})
	}
	return p
}

// newClerks goes by the layout's order, so that a seed gives each window the same clerk.
func newClerks(c Config, calendar Calendar) []*Clerk {
	matters := map[hall.MatterCode]hall.Matter{}
	for _, m := range c.Layout.Matters {
		matters[m.Code] = m
	}
	var fields []hall.FieldID
	for _, f := range c.Layout.Fields {
		fields = append(fields, f.ID)
	}
	var out []*Clerk
	for _, w := range c.Layout.Windows {
		luck := chance{c.Rand}.child()
		if c.Stations[w.ID] == nil {
			continue
		}
		clerk := &Clerk{window: wire.WindowID(w.ID), station: c.Stations[w.ID], clock: c.Clock, calendar: calendar,
			desk: &desk{w, matters, fields}, chance: luck, report: c.Report, backOff: firstBackOff}
		clerk.away.Store(true)
		out = append(out, clerk)
	}
	return out
}

// Run lets the hall live until ctx ends, and returns when everybody has stopped.
func (s *Scene) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { s.people.Run(ctx) })
	for _, c := range s.clerks {
		all.Go(func() { c.Run(ctx) })
	}
	s.skip(ctx)
	all.Wait()
}

// skip puts the clock forward when the hall is closed and every clerk has left.
func (s *Scene) skip(ctx context.Context) {
	for ctx.Err() == nil {
		o := s.calendar.At(s.clock.Now())
		if s.clock.Now().Before(o.From) && (o.First || s.skipMidday) {
			if s.waitAway(ctx) != nil || s.clock.Sleep(ctx, afterLeaving) != nil {
				return
			}
			s.clock.SkipTo(o.From.Add(-beforeOpening))
		}
		_ = s.clock.SleepUntil(ctx, o.To) // an end of ctx ends the loop
	}
}

func (s *Scene) waitAway(ctx context.Context) error {
	for {
		if err := s.clock.Sleep(ctx, s.clock.atLeast(lookEvery, lookReal)); err != nil {
			return err
		}
		if s.allAway() {
			return nil
		}
	}
}

func (s *Scene) allAway() bool {
	for _, c := range s.clerks {
		if !c.Away() {
			return false
		}
	}
	return true
}

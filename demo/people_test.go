package demo_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"yitang/demo"
	"yitang/server/hall"
	"yitang/server/wire"
)

// moody is a kiosk that answers with err for the first fails attempts; with block it never answers.
type moody struct {
	fails, tries, taken int64
	err                 error
	block               bool
}

func (m *moody) Take(ctx context.Context, _ demo.Request) (wire.Ticket, error) {
	n := atomic.AddInt64(&m.tries, 1)
	if m.block {
		<-ctx.Done()
		return wire.Ticket{}, ctx.Err()
	}
	if n <= m.fails {
		return wire.Ticket{}, m.err
	}
	atomic.AddInt64(&m.taken, 1)
	return wire.Ticket{}, nil
}

func TestPeopleAtAKioskThatFails(t *testing.T) {
	tests := []struct {
		name   string
		kiosk  moody
		person int64 // attempts of the first person
	}{
		{"for a moment", moody{fails: 2, err: wire.ErrNoAnswer}, 3},
		{"for long", moody{fails: 4, err: wire.ErrNoAnswer}, 4},
		{"by a rule", moody{fails: 1, err: &wire.Error{Status: 409, Code: string(hall.CodeHallClosed)}}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reported := atomic.Int64{}
				k := &tt.kiosk
				l := live(t, 1, func(c *demo.Config) {
					c.Kiosks, c.Stations = []demo.Kiosk{k}, nil
					c.Report = func(string, error) { reported.Add(1) }
				})
				l.until(t, morning(t).Add(4*time.Hour))
				l.stop()
				people := k.taken + 1 // all but the first got a ticket; where that one did, too, it is counted twice
				if tt.person > k.fails {
					people--
				}
				if k.tries != people-1+tt.person || reported.Load() != k.fails || k.taken < 50 {
					t.Errorf("%d tries, %d tickets, %d reports", k.tries, k.taken, reported.Load())
				}
			})
		})
	}
}

// A kiosk that hangs does not hold up the others, and the queue in front of it has an end.
func TestPeopleGoToAnotherKiosk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crowded := atomic.Int64{}
		hangs, works := &moody{block: true}, &moody{}
		l := live(t, 1, func(c *demo.Config) {
			c.Kiosks, c.Stations = []demo.Kiosk{hangs, works}, nil
			c.Report = func(string, error) { crowded.Add(1) }
		})
		l.until(t, morning(t).Add(11*time.Hour))
		l.stop()
		if works.taken < 200 || hangs.tries != 1 || crowded.Load() > 0 {
			t.Errorf("%d tickets beside a kiosk that hangs, %d reports", works.taken, crowded.Load())
		}
	})
	synctest.Test(t, func(t *testing.T) {
		crowded := atomic.Int64{}
		l := live(t, 1, func(c *demo.Config) {
			c.Kiosks, c.Stations = []demo.Kiosk{&moody{block: true}}, nil
			c.Report = func(string, error) { crowded.Add(1) }
		})
		l.until(t, morning(t).Add(11*time.Hour))
		l.stop()
		if crowded.Load() < 100 {
			t.Errorf("%d people went home from a kiosk that hangs", crowded.Load())
		}
	})
}

// slow is a kiosk that needs real time for a ticket.
type slow struct {
	needs time.Duration
	taken int64
}

func (s *slow) Take(context.Context, demo.Request) (wire.Ticket, error) {
	time.Sleep(s.needs)
	atomic.AddInt64(&s.taken, 1)
	return wire.Ticket{}, nil
}

// As many people come to a number in a fast hall as in a slow one, whatever time the kiosks take.
func TestAFastHallLosesNobody(t *testing.T) {
	taken := func(speed float64, needs time.Duration) (n int64) {
		synctest.Test(t, func(t *testing.T) {
			clock := newClock(t, morning(t), speed)
			kiosks := []*slow{{needs: needs}, {needs: needs}}
			l := live(t, 1, func(c *demo.Config) {
				c.Clock, c.Stations, c.Kiosks = clock, nil, []demo.Kiosk{kiosks[0], kiosks[1]}
				c.Report = func(_ string, err error) { t.Error(err) }
			})
			if err := clock.SleepUntil(t.Context(), morning(t).Add(11*time.Hour)); err != nil {
				t.Fatal(err)
			}
			l.stop()
			n = kiosks[0].taken + kiosks[1].taken
		})
		return n
	}
	slowly, fast := taken(1, time.Second), taken(600, 200*time.Millisecond) // two give 480 numbers in the 48 s that a day is open
	if slowly < 300 || fast != slowly {
		t.Errorf("%d people come to a number at real speed, %d at 600 times that", slowly, fast)
	}
}

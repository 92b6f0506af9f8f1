package feed_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"yitang/server/feed"
	"yitang/server/hall"
)

func view(seq uint64) *hall.View { return &hall.View{Seq: seq} }

// called is a view whose events so far were all calls.
func called(seq uint64) *hall.View {
	v := view(seq)
	for i := range seq {
		v.Calls = append(v.Calls, hall.Call{Seq: i + 1})
	}
	return v
}

func seqOf(v *hall.View) string { return fmt.Sprint(v.Seq) }

func pace() feed.Pace {
	return feed.Pace{Quick: 20 * time.Millisecond, Steady: 60 * time.Millisecond, Burst: 120 * time.Millisecond, Lazy: 300 * time.Millisecond, Crowd: 10}
}

func TestNothingYet(t *testing.T) {
	f := feed.New()
	news, stop := f.Beat(pace()).Subscribe()
	defer stop()
	if f.Newest() != nil || len(news) != 0 {
		t.Errorf("an empty feed has the frame %v and %d words", f.Newest(), len(news))
	}
}

// TestPace tells a subscriber of a first view at once, of calls quickly and then steadily, of anything else and of crowds
// at leisure, and always ends with the newest.
func TestPace(t *testing.T) {
	many := func(n int, make func(uint64) *hall.View) (out []*hall.View) {
		for i := range n {
			out = append(out, make(uint64(i+1)))
		}
		return out
	}
	late := append(many(1, view), view(2), view(3), called(4))
	for _, c := range []struct {
		name  string
		every time.Duration
		views []*hall.View
		want  string
	}{
		{"one", 0, many(1, view), "[1 at 0]"},
		{"no calls", 11 * time.Millisecond, many(40, view), "[1 at 0 28 at 300 40 at 600]"},
		{"a few calls", 100 * time.Millisecond, many(4, called), "[1 at 0 2 at 100 3 at 200 4 at 300]"},
		{"three calls at once", 0, many(3, called), "[1 at 0 3 at 20]"},
		{"a call while the rest is in no hurry", 10 * time.Millisecond, late, "[1 at 0 4 at 30]"},
		{"calls faster than steady", 25 * time.Millisecond, many(12, called), "[1 at 0 2 at 25 3 at 50 4 at 75 5 at 120 8 at 180 10 at 240 12 at 300]"},
		{"a crowd", time.Millisecond, many(50, called), "[1 at 0 50 at 300]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, begun := feed.New(), time.Now()
				news, stop := f.Beat(pace()).Subscribe()
				defer stop()
				done, got := make(chan struct{}), []string{}
				go func() {
					defer close(done)
					for {
						select {
						case <-news:
							got = append(got, fmt.Sprintf("%d at %d", f.Newest().View.Seq, time.Since(begun).Milliseconds()))
						case <-time.After(time.Second):
							return
						}
					}
				}()
				for _, v := range c.views {
					f.Publish(v)
					synctest.Wait()
					time.Sleep(c.every)
				}
				<-done
				if fmt.Sprint(got) != c.want {
					t.Errorf("told %v, want %s", got, c.want)
				}
			})
		})
	}
}

func TestUnsubscribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feed.New()
		b := f.Beat(pace())
		gone, stop := b.Subscribe()
		other, stopOther := b.Subscribe()
		defer stopOther()
		stop()
		stop() // twice does no harm
		f.Publish(view(1))
		time.Sleep(time.Second)
		if len(gone) != 0 || len(other) != 1 {
			t.Errorf("told %d who left and %d who stayed", len(gone), len(other))
		}
	})
}

// TestNobodyWaits publishes to subscribers of which none ever reads.
func TestNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feed.New()
		b := f.Beat(pace())
		for range 1000 {
			_, stop := b.Subscribe()
			defer stop()
		}
		for i := range uint64(100) {
			f.Publish(view(i + 1)) // would deadlock in the bubble if it waited
			time.Sleep(10 * time.Millisecond)
		}
	})
}

// TestMadeOnce makes each thing of a frame once for all who send it, each name and each frame by itself, and anew when
// the clock has gone on.
func TestMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feed.New()
		f.Publish(view(7))
		var made atomic.Int32
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				name := []string{"screen/hall-1", "hall"}[i%2]
				got := feed.Made(f.Newest(), name, time.Second, func(v *hall.View) string {
					made.Add(1)
					return name + seqOf(v)
				})
				if got != name+"7" {
					t.Errorf("%s got %s", name, got)
				}
			})
		}
		wg.Wait()
		if made.Load() != 2 {
			t.Errorf("%d messages were made for 64 readers of 2, want 2", made.Load())
		}
		old := f.Newest()
		time.Sleep(time.Second + 1)
		if got := feed.Made(old, "hall", time.Second, func(*hall.View) string { return "anew" }); got != "anew" {
			t.Errorf("after it was good no longer: %s", got)
		}
		f.Publish(view(8))
		if got := feed.Made(f.Newest(), "hall", time.Second, seqOf); got != "8" {
			t.Errorf("the next frame gives %s", got)
		}
	})
}

// TestMakingHoldsUpNobodyElse makes one thing of a frame while another is still being made, which may wait for the disk.
func TestMakingHoldsUpNobodyElse(t *testing.T) {
	f := feed.New()
	f.Publish(view(7))
	begun, other, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		feed.Made(f.Newest(), "slow", time.Hour, func(*hall.View) string {
			close(begun)
			select {
			case <-other:
			case <-time.After(10 * time.Second):
				t.Error("another thing waited for the slow one")
			}
			return ""
		})
	}()
	<-begun
	feed.Made(f.Newest(), "quick", time.Hour, seqOf)
	close(other)
	<-ended
}

// TestRising has readers come and go while views are published: what each takes never goes back, and each ends with the
// newest.
func TestRising(t *testing.T) {
	const last = 5000
	f := feed.New()
	b := f.Beat(feed.Pace{Quick: 50 * time.Microsecond, Lazy: 100 * time.Microsecond})
	f.Publish(view(1))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			news, stop := b.Subscribe()
			defer stop()
			for seen := f.Newest().View.Seq; seen < last; {
				<-news
				got := f.Newest().View.Seq
				if got < seen {
					t.Errorf("%d after %d", got, seen)
					return
				}
				seen = got
			}
		})
	}
	for i := range uint64(last) {
		f.Publish(view(i + 1))
	}
	wg.Wait()
}

package feed_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"yitang/server/feed"
	"yitang/server/hall"
)

func view(seq uint64) *hall.View { return &hall.View{Seq: seq} }

func seqOf(v *hall.View) []byte { return fmt.Append(nil, v.Seq) }

func TestNothingYet(t *testing.T) {
	f := feed.New()
	news, stop := f.Subscribe()
	defer stop()
	if f.Newest() != nil || len(news) != 0 {
		t.Errorf("an empty feed has the frame %v and %d words", f.Newest(), len(news))
	}
}

// TestCoalesce tells a subscriber that was away during a thousand changes once, and gives it the newest.
func TestCoalesce(t *testing.T) {
	f := feed.New()
	news, stop := f.Subscribe()
	defer stop()
	for i := range uint64(1000) {
		f.Publish(view(i + 1))
	}
	<-news
	if got := f.Newest().View.Seq; got != 1000 {
		t.Errorf("the newest is %d", got)
	}
	if len(news) != 0 {
		t.Error("told twice")
	}
	f.Publish(view(1001))
	<-news
	if got := f.Newest().View.Seq; got != 1001 {
		t.Errorf("the newest is %d", got)
	}
}

func TestUnsubscribe(t *testing.T) {
	f := feed.New()
	gone, stop := f.Subscribe()
	other, stopOther := f.Subscribe()
	defer stopOther()
	stop()
	stop() // twice does no harm
	f.Publish(view(1))
	if len(gone) != 0 || len(other) != 1 {
		t.Errorf("told %d who left and %d who stayed", len(gone), len(other))
	}
}

// TestNobodyWaits publishes to subscribers of which none ever reads.
func TestNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := feed.New()
		for range 1000 {
			_, stop := f.Subscribe()
			defer stop()
		}
		for i := range uint64(100) {
			f.Publish(view(i + 1)) // would deadlock in the bubble if it waited
		}
	})
}

// TestEncodeOnce encodes a message of a frame once for all who send it, each name and each frame by itself.
func TestEncodeOnce(t *testing.T) {
	f := feed.New()
	f.Publish(view(7))
	var made atomic.Int32
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			name := []string{"screen/hall-1", "hall"}[i%2]
			got := f.Newest().Encode(name, func(v *hall.View) []byte {
				made.Add(1)
				return append([]byte(name), seqOf(v)...)
			})
			if string(got) != name+"7" {
				t.Errorf("%s got %s", name, got)
			}
		})
	}
	wg.Wait()
	if made.Load() != 2 {
		t.Errorf("%d messages were made for 64 readers of 2, want 2", made.Load())
	}
	f.Publish(view(8))
	if got := string(f.Newest().Encode("hall", seqOf)); got != "8" {
		t.Errorf("the next frame gives %s", got)
	}
}

// TestRising has readers come and go while views are published: what each takes never goes back, and each ends with the
// newest.
func TestRising(t *testing.T) {
	const last = 5000
	f := feed.New()
	f.Publish(view(1))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			news, stop := f.Subscribe()
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

package api_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yitang/server/api"
	"yitang/server/archive"
	"yitang/server/hall"
)

// lost is a history that cannot be read.
type lost struct {
	archive.Hall
	asked atomic.Int32
}

func (l *lost) PastCases(context.Context, int, int, func([]byte) error) error {
	l.asked.Add(1)
	return errors.New("lost")
}

func (l *lost) PastAccepted(context.Context, int, int, func(int, string) error) error {
	return errors.New("lost")
}

type still struct{ api.Hall }

func (still) View() *hall.View { return stillView }

var stillView = &hall.View{Layout: &hall.Layout{Zone: "Asia/Shanghai"}}

// TestPublicJudgesOnce: what everybody may ask for is judged once, also where that fails and all ask at the same moment.
func TestPublicJudgesOnce(t *testing.T) {
	past := &lost{}
	told := api.Told(still{}, past, func() time.Time { return time.Date(2025, 7, 1, 2, 0, 0, 0, time.UTC) })
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if month, _ := told(); month != nil {
				t.Errorf("a lost history tells %+v", month)
			}
		})
	}
	all.Wait()
	if n := past.asked.Load(); n != 1 {
		t.Errorf("the month was judged %d times", n)
	}
}

// unread is a past that nobody may read.
type unread struct{ api.Past }

// TestReplayWaitsForReport: a what-if, and the search for an imported ticket, read nothing while a report is being made;
// whoever gives up first has read nothing.
func TestReplayWaitsForReport(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := api.ReplayDuringReport(gone, unread{}); !errors.Is(err, context.Canceled) {
		t.Errorf("it gave %v", err)
	}
	if err := api.SearchDuringReport(gone, &lost{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the search gave %v", err)
	}
}

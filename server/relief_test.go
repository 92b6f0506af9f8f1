package server_test

import (
	"testing"
	"time"

	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestTheHallAsksForAWindow: nobody does anything, time passes, and the hall itself asks for the closed window; opening
// it ends that.
func TestTheHallAsksForAWindow(t *testing.T) {
	var c clock
	c.set(t, "2030-03-04 09:00")
	l := halltest.Layout(t, 1)
	l.Reliefs = []hall.Relief{{Field: l.Fields[0].ID, Waiting: 1, OverMin: 20, Window: "1"}}
	h := halltest.With(t, l)
	h.Now = c.now
	h.Start()
	window := func(act string) wire.Window {
		return halltest.Into[struct {
			Window wire.Window `json:"window"`
		}](h, h.Post(200, h.Clerks[0], "/api/v1/windows/1/"+act, "", nil)).Window
	}
	take(h)
	if w := window("close"); w.Asked != nil {
		t.Errorf("asked for at once: %+v", w.Asked)
	}
	c.set(t, "2030-03-04 09:21")
	end := time.Now().Add(waitFor)
	w := window("close")
	for ; w.Asked == nil && time.Now().Before(end); w = window("close") {
		time.Sleep(20 * time.Millisecond)
	}
	if w.Asked == nil || w.Asked.Waiting != 1 || w.Asked.OverMin != 20 || w.Asked.Field["zh"] != l.Fields[0].Name["zh"] {
		t.Fatalf("asked for: %+v", w.Asked)
	}
	if w := window("open"); w.Asked != nil || w.State != "open" {
		t.Errorf("after it was opened: %+v", w)
	}
	h.Stop()
	h.Verify()
}

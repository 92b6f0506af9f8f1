package server_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yitang/db"
	"yitang/server"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/route"
)

// TestBusyHallGoesOn: that too many commands wait at the moment the day should open is no reason to stop the hall.
func TestBusyHallGoesOn(t *testing.T) {
	data, err := db.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = data.Close() })
	fresh := func() *engine.Engine {
		e, err := engine.New(t.Context(), data, route.Rule{}, time.Now, func(*hall.View) {})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if err := fresh().Alone(t.Context(), hall.AdoptLayout{Layout: *halltest.Layout(t, 1)}); err != nil {
		t.Fatal(err)
	}
	eng := fresh() // nobody runs it: what is asked of it waits
	away, stop := context.WithCancel(t.Context())
	stop()
	for !errors.Is(err, engine.ErrBusy) {
		_, err = eng.Do(away, engine.Request{Actor: "kiosk:1", Command: hall.CloseDay{}})
	}
	if err := server.Look(t.Context(), eng, time.Now); err != nil {
		t.Error(err)
	}
}

// A server that stops on a day with people in the hall and starts after its end tells the manager what became of them, whenever the
// doors open next; a later day takes it back, and one that was stopped with nobody left says nothing.
func TestADayThatWasCutShortIsTold(t *testing.T) {
	h := halltest.Make(t, 1)
	var at atomic.Int64
	evening := time.Date(2026, 6, 1, 9, 30, 0, 0, time.UTC) // 17:30 in the hall
	h.Now = func() time.Time { return time.UnixMilli(at.Load()) }
	next := func(days int, open int) string {
		at.Store(evening.AddDate(0, 0, days).UnixMilli())
		h.Start()
		told := seen(h)
		ids := takeN(h, fmt.Sprint("day", days), open)
		if len(ids) > 0 {
			h.Post(200, h.Clerks[0], "/api/v1/windows/1/open", "", map[string]any{})
			h.Post(200, h.Clerks[0], "/api/v1/windows/1/next", "", map[string]any{})
			h.Post(200, h.Clerks[0], "/api/v1/windows/1/start", "", map[string]any{})
		}
		h.Stop()
		return told
	}
	next(0, 3)
	if told := next(1, 0); !strings.Contains(told, "day_cut_short") || !strings.Contains(told, "营业日 2026-06-01 没有正常结束：服务器的最后一条记录在 2026-06-01 17:30，再启动已是 2026-06-02 17:30。") ||
		!strings.Contains(told, "等候 2 张、已叫到 0 张、正在办理 1 张、挂起 0 张") {
		t.Errorf("the manager sees %s", told)
	}
	if told := next(2, 0); strings.Contains(told, "day_cut_short") {
		t.Errorf("a day later the manager sees %s", told)
	}
	h.Verify()
}

// TestKeeperLeavesTheReasonToTheEngine: that the hall has stopped is no error of the day keeper, or it might hide the disk's.
func TestKeeperLeavesTheReasonToTheEngine(t *testing.T) {
	data, err := db.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = data.Close() })
	now := func() time.Time { return time.Date(2026, 1, 7, 2, 0, 0, 0, time.UTC) } // a Wednesday's morning in the hall
	eng, err := engine.New(t.Context(), data, route.Rule{}, now, func(*hall.View) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := eng.Alone(t.Context(), hall.AdoptLayout{Layout: *halltest.Layout(t, 1)}); err != nil {
		t.Fatal(err)
	}
	if err := server.Look(t.Context(), eng, now); !errors.Is(err, engine.ErrStopped) {
		t.Fatalf("nothing was due, or the hall still runs: %v", err)
	}
	if err := server.Keep(t.Context(), eng, now); err != nil {
		t.Error(err)
	}
}

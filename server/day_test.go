package server_test

import (
	"context"
	"errors"
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

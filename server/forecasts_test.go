package server_test

import (
	"fmt"
	"testing"
	"time"

	"yitang/db"
	"yitang/server"
	"yitang/server/account"
	"yitang/server/forecast"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestForecastsAreTold: after 200 called tickets a new one is told a wait, which the journal keeps; before, nobody is.
func TestForecastsAreTold(t *testing.T) {
	c := &clock{}
	c.set(t, "2025-06-03 10:00")
	h := halltest.Make(t, 2)
	h.Now = c.now
	h.Start()
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/open", "", nil)
	if first := take(h); first.Wait != nil {
		t.Fatalf("the first ticket was told %+v", first.Wait)
	}
	for range 9 {
		take(h)
	}
	for range 200 {
		h.Post(200, h.Clerks[0], "/api/v1/windows/1/next", "", nil)
		c.ms.Add(90_000)
		h.Post(200, h.Clerks[0], "/api/v1/windows/1/finish", "", nil)
		take(h)
	}
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/next", "", nil)
	told := soon(t, h)
	if w := told.Wait; w.P50Min < 5 || w.P50Min > 30 || w.P90Min < w.P50Min || w.P50Min%5 != 0 || w.P90Min%5 != 0 {
		t.Errorf("ten people ahead at 90 s each: told %+v", w)
	}
	c.ms.Add(60_000)
	again := halltest.Into[wire.Ticket](h, h.Get(200, h.Tokens[account.Kiosk], "/api/v1/tickets/"+told.ID))
	if again.Wait == nil || again.Wait.P90Min > told.Wait.P90Min+5 {
		t.Errorf("a minute later %+v, at first %+v", again.Wait, told.Wait)
	}
	h.Stop()
	kept(t, h, told)
}

// soon takes tickets until one is told a wait: the forecaster looks in its own time.
func soon(t *testing.T, h *halltest.Hall) wire.Ticket {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if x := take(h); x.Wait != nil {
			return x
		}
		h.Post(200, h.Clerks[0], "/api/v1/windows/1/finish", "", nil) // so that nobody waits longer for the asking
		h.Post(200, h.Clerks[0], "/api/v1/windows/1/next", "", nil)
	}
	t.Fatal("nobody was told a wait within a minute")
	return wire.Ticket{}
}

func kept(t *testing.T, h *halltest.Hall, told wire.Ticket) {
	t.Helper()
	data, err := db.Open(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	x, err := data.Ticket(t.Context(), hall.TicketID(told.ID))
	if err != nil || x.Told == nil || x.Told.P50S <= 0 || x.Told.P90S < x.Told.P50S || x.Told.Raw50S <= 0 {
		t.Fatalf("the journal keeps %+v, %v", x, err)
	}
	if (x.Told.P90S+299)/300*5 > told.Wait.P90Min {
		t.Errorf("told %+v, kept %+v", told.Wait, x.Told)
	}
	n, asked := 0, ""
	err = data.PastServices(t.Context(), "2025-06-03", 1, func(s *hall.PastService) error {
		if s.Told != nil {
			n++
		}
		asked = fmt.Sprint(s.Day, s.Matters)
		return nil
	})
	if err != nil || n == 0 {
		t.Errorf("%d past tickets with a forecast, the last %s, %v", n, asked, err)
	}
}

// TestAlarmsEndWithTheDay: once the day has closed nothing will be too full on it; how good the forecasts were is still told.
func TestAlarmsEndWithTheDay(t *testing.T) {
	before := &forecast.Report{Foresees: true, Quality: forecast.Quality{Days: 3}, Alarms: []forecast.Alarm{{Field: "A", WaitMin: 40}}}
	if r := server.Looked(t.Context(), before, &hall.View{}); r == nil || len(r.Alarms) != 0 || r.Quality.Days != 3 {
		t.Errorf("%+v", r)
	}
}

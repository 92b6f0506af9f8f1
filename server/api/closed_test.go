package api_test

import (
	"strings"
	"testing"
	"time"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestADayEndedEarlyIsTold: everybody who asks hears that today has been ended, and when numbers are given out again: never the
// opening hours, which say that the hall is open.
func TestADayEndedEarlyIsTold(t *testing.T) {
	l := halltest.Layout(t, 1)
	l.Hours = hall.Hours{Spans: []hall.Span{{From: 600, To: 840}, {From: 960, To: 1200}}}
	h := halltest.With(t, l)
	friday := time.Date(2025, 7, 4, 2, 36, 0, 0, time.UTC) // 10:36 in the hall
	h.Now = func() time.Time { return friday }
	h.Start()
	manager := h.Tokens[account.Manager]
	told := func() wire.Hall { return halltest.Into[wire.PublicHall](h, h.Get(200, "", "/api/v1/public")).Hall }
	k := halltest.Into[wire.Ticket](h, h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Matters: h.Matters[:1]}))
	h.Post(200, manager, "/api/v1/day/close", "", nil)
	track := halltest.Into[wire.Track](h, h.Get(200, "", "/api/v1/track/"+strings.TrimPrefix(k.TrackURL, "/t/"))).Hall
	for name, got := range map[string]wire.Hall{"public": told(), "track": track} {
		if got.Open || !got.EndedEarly {
			t.Errorf("%s: %+v", name, got)
		}
		for lang, want := range map[string]string{"zh": "今天已提前结束，不再取号。7月7日 09:30 起", "ug": "2025-07-07 09:30", "kk": "2025-07-07 09:30", "en": "from 09:30 on Monday 7 July"} {
			if words := got.Notice[lang]; !strings.Contains(words, want) || strings.Contains(words, "14:00") {
				t.Errorf("%s in %s: %s", name, lang, words)
			}
		}
	}
	h.Post(200, manager, "/api/v1/day/reopen", "", nil)
	if got := told(); !got.Open || got.EndedEarly || got.Notice != nil {
		t.Errorf("taken up again: %+v", got)
	}
}

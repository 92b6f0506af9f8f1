package api_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestWindowQueue: the list is in the rule's order, not in that of arrival, says why, and is there also while somebody is
// being served.
func TestWindowQueue(t *testing.T) {
	h := halltest.Make(t, 2)
	var at atomic.Int64
	at.Store(time.Date(2025, 6, 3, 2, 0, 0, 0, time.UTC).UnixMilli())
	h.Now = func() time.Time { return time.UnixMilli(at.Load()) }
	h.Start()
	take := func(priority string) string {
		a := h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Matters: h.Matters[:1], Person: wire.Person{Kind: "none"}, Priority: priority})
		return halltest.Into[wire.Ticket](h, a).Number
	}
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/open", "", nil)
	served, ordinary := take("ordinary"), take("ordinary")
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/next", "", nil)
	at.Add(4 * 60_000)
	elderly := take("elderly")
	at.Add(4 * 60_000)
	q := halltest.Into[wire.WindowQueue](h, h.Get(200, h.Clerks[0], "/api/v1/windows/1/queue"))
	if len(q.Coming) != 2 || q.Waiting != 2 || q.Coming[0].Ticket.Number != elderly || q.Coming[1].Ticket.Number != ordinary {
		t.Fatalf("%s is served; the line is %+v", served, q)
	}
	if k := q.Coming[0]; !k.Passes || k.Step != "score" || !strings.Contains(k.Sentence["zh"], elderly) {
		t.Errorf("%+v", k)
	}
	if q.Coming[1].Passes {
		t.Errorf("%+v", q.Coming[1])
	}
	h.Get(403, h.Clerks[1], "/api/v1/windows/1/queue")
	h.Get(404, h.Tokens[account.Manager], "/api/v1/windows/99/queue")
}

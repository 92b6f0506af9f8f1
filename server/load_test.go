package server_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestCrowd has 64 kiosks take tickets while 16 clerks call, start and finish, all at once: no number twice and none
// skipped, past A999, no ticket called twice, nobody left over.
func TestCrowd(t *testing.T) {
	const takers, clerks, each = 64, 16, 20 // 1,280 tickets of one field
	h := halltest.New(t, clerks)
	var issued, called sync.Map
	var open atomic.Int64
	open.Store(takers)
	var wg sync.WaitGroup
	for i := range takers {
		wg.Go(func() {
			defer open.Add(-1)
			for n := range each {
				ticket, ok := takeOne(h, fmt.Sprintf("%d-%d", i, n))
				if _, twice := issued.LoadOrStore(ticket.Number, ticket.ID); !ok || twice {
					t.Errorf("%s was issued twice", ticket.Number)
					return
				}
			}
		})
	}
	for i := range clerks {
		wg.Go(func() {
			clerk := crowdClerk{h: h, window: fmt.Sprint(i + 1), token: h.Clerks[i]}
			clerk.act("open")
			for {
				last := open.Load() == 0 // asked before the call, so that nobody can come after the last 204
				id, ok := clerk.next()
				switch {
				case !ok:
					return
				case id == "" && last:
					clerk.act("close")
					return
				case id == "":
					continue
				}
				if _, twice := called.LoadOrStore(id, clerk.window); twice {
					t.Errorf("%s was called twice", id)
					return
				}
				if !clerk.act("start") || !clerk.act("finish") {
					return
				}
			}
		})
	}
	wg.Wait()
	for n := range takers * each {
		id, ok := issued.Load(hall.Number("A", n+1))
		if !ok {
			t.Fatalf("%s was skipped", hall.Number("A", n+1))
		}
		if _, ok := called.Load(id); !ok {
			t.Errorf("%s was never called", id)
		}
	}
	h.Stop()
	if n := h.Verify(); n != 2+takers*each*4+2*clerks {
		t.Errorf("%d events", n)
	}
}

func takeOne(h *halltest.Hall, key string) (wire.Ticket, bool) {
	a, err := h.Try(halltest.Request{Method: http.MethodPost, Path: "/api/v1/tickets", Token: h.Tokens[account.Kiosk], Key: key,
		Body: wire.TakeRequest{Matters: h.Matters[:1]}})
	if err != nil || a.Status != http.StatusCreated {
		h.Errorf("take: %d %s %v", a.Status, a.Body, err)
		return wire.Ticket{}, false
	}
	return halltest.Into[wire.Ticket](h, a), true
}

type crowdClerk struct {
	h             *halltest.Hall
	window, token string
}

func (c crowdClerk) post(act string) (halltest.Answer, error) {
	return c.h.Try(halltest.Request{Method: http.MethodPost, Path: "/api/v1/windows/" + c.window + "/" + act, Token: c.token})
}

func (c crowdClerk) act(act string) bool {
	a, err := c.post(act)
	if err != nil || a.Status != http.StatusOK {
		c.h.Errorf("%s at window %s: %d %s %v", act, c.window, a.Status, a.Body, err)
		return false
	}
	return true
}

// next returns the ticket called; empty when nobody waits.
func (c crowdClerk) next() (id string, ok bool) {
	a, err := c.post("next")
	switch {
	case err == nil && a.Status == http.StatusNoContent:
		return "", true
	case err != nil || a.Status != http.StatusOK:
		c.h.Errorf("next at window %s: %d %s %v", c.window, a.Status, a.Body, err)
		return "", false
	}
	return halltest.Into[wire.NextResponse](c.h, a).Ticket.ID, true
}

package server_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestTwoClerksPressNextAtTheSameMoment, 1,000 times with one person waiting: one gets the ticket, the other nobody, and
// no ticket is called twice.
func TestTwoClerksPressNextAtTheSameMoment(t *testing.T) {
	const times = 1000
	h := halltest.New(t, 2)
	clerks := []crowdClerk{{h: h, window: "1", token: h.Clerks[0]}, {h: h, window: "2", token: h.Clerks[1]}}
	for _, c := range clerks {
		c.act("open")
	}
	called := map[string]bool{}
	for n := range times {
		if _, ok := takeOne(h, fmt.Sprint(n)); !ok {
			return
		}
		var got [2]string
		var ready, pressed sync.WaitGroup
		ready.Add(2)
		for i, c := range clerks {
			pressed.Go(func() {
				ready.Done()
				ready.Wait()
				got[i], _ = c.next()
			})
		}
		pressed.Wait()
		winner := 0
		if got[0] == "" {
			winner = 1
		}
		if id := got[winner]; id == "" || got[1-winner] != "" || called[id] {
			t.Fatalf("press %d: %q and %q", n, got[0], got[1])
		}
		called[got[winner]] = true
		if !clerks[winner].act("finish") {
			return
		}
	}
	h.Stop()
	h.Verify()
}

// TestAClerkPressesTwice: the second press under the same key gets the same ticket, under another one a refusal.
func TestAClerkPressesTwice(t *testing.T) {
	h := halltest.New(t, 1)
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/open", "", nil)
	for n := range 2 {
		takeOne(h, fmt.Sprint(n))
	}
	var answers [2]halltest.Answer
	var both sync.WaitGroup
	for i := range answers {
		both.Go(func() {
			answers[i], _ = h.Try(halltest.Request{Method: http.MethodPost, Path: "/api/v1/windows/1/next", Token: h.Clerks[0], Key: "double"})
		})
	}
	both.Wait()
	one, two := halltest.Into[wire.NextResponse](h, answers[0]), halltest.Into[wire.NextResponse](h, answers[1])
	if one.Ticket.ID == "" || one.Ticket.ID != two.Ticket.ID {
		t.Errorf("%+v and %+v", one.Ticket, two.Ticket)
	}
	if a := h.Post(409, h.Clerks[0], "/api/v1/windows/1/next", "again", nil); a.Code() != "ticket_in_hand" {
		t.Errorf("%s", a.Body)
	}
}

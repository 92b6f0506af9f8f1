package api_test

import (
	"testing"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// Whoever holds the ticket's code may give the place up, once and for all; nobody else knows the code.
func TestAPlaceIsGivenUpFromThePhone(t *testing.T) {
	h := halltest.New(t, 1)
	k := take(h)
	path := "/api/v1" + "/track/" + k.TrackURL[len("/t/"):] + "/cancel"
	for range 2 {
		if got := halltest.Into[wire.Track](h, h.Post(200, "", path, "", nil)); got.Ticket.State != "cancelled" || got.Ticket.Number != k.Number {
			t.Errorf("%+v", got.Ticket)
		}
	}
	h.Post(404, "", "/api/v1/track/AAAAAAAAAAAAAAAAAAAAAAAAAA/cancel", "", nil)
	called := take(h)
	clerk := h.Tokens[account.Clerk]
	h.Post(200, clerk, "/api/v1/windows/1/open", "", nil)
	h.Post(200, clerk, "/api/v1/windows/1/next", "", nil)
	h.Post(409, "", "/api/v1/track/"+called.TrackURL[len("/t/"):]+"/cancel", "", nil)
}

// A kiosk learns what a person has open, and nothing about the person; a screen learns nothing.
func TestWhatAPersonHasOpen(t *testing.T) {
	h := halltest.New(t, 1)
	who := wire.Person{Kind: "id", Number: "11010519491231002X"}
	mine := halltest.Into[wire.Ticket](h, h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Matters: h.Matters[:1], Person: who}))
	take(h)
	found := halltest.Into[wire.PersonOpen](h, h.Post(200, h.Tokens[account.Kiosk], "/api/v1/people/find", "", wire.CaseSearch{Person: who}))
	if len(found.Tickets) != 1 || found.Tickets[0].Number != mine.Number {
		t.Errorf("%+v", found)
	}
	for _, p := range []wire.Person{{Kind: "none"}, {Kind: "id", Number: "110101199003070011"}} {
		a := h.Send(halltest.Request{Method: "POST", Path: "/api/v1/people/find", Token: h.Tokens[account.Kiosk], Body: wire.CaseSearch{Person: p}})
		if a.Status == 200 && len(halltest.Into[wire.PersonOpen](h, a).Tickets) != 0 {
			t.Errorf("%+v finds %s", p, a.Body)
		}
	}
	h.Post(403, h.Tokens[account.Screen], "/api/v1/people/find", "", wire.CaseSearch{Person: who})
}

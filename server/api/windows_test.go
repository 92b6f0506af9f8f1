package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"testing"
	"time"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestTicketContract holds the fields of a new ticket that others build on.
func TestTicketContract(t *testing.T) {
	h := halltest.New(t, 1)
	before := h.Now().Add(-time.Second)
	body := `{"matters":["` + h.Matters[0] + `"],"person":{"kind":"id","number":"11010519491231002X"},"priority":"elderly","language":"kk"}`
	a := h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", body)
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(a.Body, &fields); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"id", "number", "day", "matters", "ahead", "wait", "issued_at", "track_url"} {
		if fields[f] == nil {
			t.Errorf("%s is missing: %s", f, a.Body)
		}
	}
	ticket := halltest.Into[wire.Ticket](h, a)
	if !regexp.MustCompile(`^[A-Z]001$`).MatchString(ticket.Number) || ticket.State != "waiting" || ticket.Ahead != 0 ||
		ticket.Priority != "elderly" || ticket.Language != "kk" || ticket.IssuedAt.Before(before) || ticket.IssuedAt.After(h.Now().Add(time.Second)) {
		t.Errorf("ticket %+v", ticket)
	}
	if regexp.MustCompile(`11010519491231002`).Match(a.Body) {
		t.Error("the answer holds the person's number")
	}
	if second := take(h); second.Number[1:] != "002" || second.Ahead != 1 {
		t.Errorf("the second is %s with %d ahead", second.Number, second.Ahead)
	}
	same := halltest.Into[wire.Ticket](h, h.Get(200, h.Tokens[account.Screen], "/api/v1/tickets/"+ticket.ID))
	if same.Number != ticket.Number || same.TrackURL != ticket.TrackURL {
		t.Errorf("by its id: %+v", same)
	}
	track := h.Get(200, "", "/api/v1/track/"+ticket.TrackURL[len("/t/"):])
	if got := halltest.Into[wire.Track](h, track); got.Ticket.Number != ticket.Number || got.Hall.Name["zh"] == "" {
		t.Errorf("the status page: %s", track.Body)
	}
}

// TestWindowContract goes through a window's day as the contract describes it.
func TestWindowContract(t *testing.T) {
	h := halltest.New(t, 2)
	clerk := h.Tokens[account.Clerk]
	post := func(status int, act string, body any) halltest.Answer {
		t.Helper()
		return h.Post(status, clerk, "/api/v1/windows/1/"+act, "", body)
	}
	refused := func(status int, code, act string) {
		t.Helper()
		if a := post(status, act, nil); a.Code() != code {
			t.Errorf("%s: %s, want %s", act, a.Body, code)
		}
	}
	refused(409, "window_closed", "next")
	post(200, "open", nil)
	opened := halltest.Into[wire.WindowResponse](h, post(200, "open", "{}")).Window // an open window
	if opened.State != "open" || opened.ID != "1" {
		t.Errorf("opened %+v", opened)
	}
	if a := post(204, "next", nil); len(a.Body) != 0 {
		t.Errorf("204 with %s", a.Body)
	}
	refused(409, "no_ticket_in_hand", "finish")
	first, second, third := take(h), take(h), take(h)
	next := halltest.Into[wire.NextResponse](h, post(200, "next", nil))
	if next.Ticket.ID != first.ID || next.Ticket.State != "called" || next.Ticket.Window != "1" || next.Why.Rule == "" || next.Why.Sentence["zh"] == "" {
		t.Errorf("next %+v", next)
	}
	refused(409, "ticket_in_hand", "next")
	refused(409, "ticket_in_hand", "close")
	post(200, "start", "{}")
	refused(409, "already_serving", "start")
	refused(409, "ticket_in_hand", "next")
	if done := halltest.Into[wire.TicketResponse](h, post(200, "finish", "{}")).Ticket; done.State != "done" || done.ID != first.ID {
		t.Errorf("finished %+v", done)
	}
	post(200, "next", nil) // the second: everything with an empty body
	post(200, "start", nil)
	post(200, "finish", nil)
	if got := halltest.Into[wire.Ticket](h, h.Get(200, clerk, "/api/v1/tickets/"+second.ID)); got.State != "done" {
		t.Errorf("the second is %s", got.State)
	}
	post(200, "next", nil)
	post(200, "finish", `{"outcomes":[{"matter":"`+h.Matters[0]+`","outcome":"accepted"}]}`) // start was forgotten
	if got := halltest.Into[wire.Ticket](h, h.Get(200, clerk, "/api/v1/tickets/"+third.ID)); got.State != "done" || got.StartedAt == nil {
		t.Errorf("the third is %+v", got)
	}
	post(200, "close", nil)
	h.Stop()
	h.Verify()
}

// TestWindowRefuses who may not work there.
func TestWindowRefuses(t *testing.T) {
	h := halltest.New(t, 2)
	for _, act := range []string{"open", "pause", "resume", "close", "next", "recall", "start", "hold", "no-show", "transfer", "finish"} {
		path := "/api/v1/windows/1/" + act
		h.Post(http.StatusUnauthorized, "", path, "", nil)
		for _, role := range []account.Role{account.Kiosk, account.Screen, account.Guide, account.Manager} {
			h.Post(http.StatusForbidden, h.Tokens[role], path, "", nil)
		}
		if a := h.Post(http.StatusForbidden, h.Clerks[1], path, "", nil); a.Code() != "not_your_window" {
			t.Errorf("%s by another window's clerk: %s", act, a.Body)
		}
	}
}

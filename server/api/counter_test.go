package api_test

import (
	"net/http"
	"testing"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestTheKeysOfACounter work their own window, once somebody works there, and no other.
func TestTheKeysOfACounter(t *testing.T) {
	h := halltest.New(t, 2)
	keys := h.Tokens[account.Counter] // of window 1
	if a := h.Post(http.StatusConflict, keys, "/api/v1/windows/1/next", "", nil); a.Code() != "window_closed" {
		t.Errorf("a closed window: %s", a.Body)
	}
	h.Post(http.StatusOK, h.Clerks[0], "/api/v1/windows/1/open", "", nil)
	h.Post(http.StatusOK, h.Clerks[1], "/api/v1/windows/2/open", "", nil)
	first := take(h)
	if a := h.Post(http.StatusForbidden, keys, "/api/v1/windows/2/next", "", nil); a.Code() != "not_your_window" {
		t.Errorf("another window: %s", a.Body)
	}
	if next := halltest.Into[wire.NextResponse](h, h.Post(http.StatusOK, keys, "/api/v1/windows/1/next", "", nil)); next.Ticket.ID != first.ID {
		t.Errorf("called %+v", next.Ticket)
	}
	for _, act := range []string{"recall", "start", "finish"} {
		h.Post(http.StatusOK, keys, "/api/v1/windows/1/"+act, "", nil)
	}
	if got := halltest.Into[wire.Ticket](h, h.Get(http.StatusOK, h.Clerks[0], "/api/v1/tickets/"+first.ID)); got.State != "done" {
		t.Errorf("it is %s", got.State)
	}
	for _, act := range []string{"open", "pause", "resume", "close", "hold", "transfer"} {
		h.Post(http.StatusForbidden, keys, "/api/v1/windows/1/"+act, "", nil)
	}
	h.Stop()
	h.Verify()
}

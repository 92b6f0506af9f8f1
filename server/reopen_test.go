package server_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// A day that was ended by mistake goes on, over a restart too: the waiting wait again, and the next number follows.
func TestAReopenedDay(t *testing.T) {
	h := halltest.New(t, 1)
	manager := h.Tokens[account.Manager]
	ids := takeN(h, "a", 3)
	h.Post(http.StatusOK, manager, "/api/v1/day/close", "", nil)
	h.Post(http.StatusOK, manager, "/api/v1/day/reopen", "", nil)
	h.Restart()
	ids = append(ids, takeN(h, "b", 1)...)
	for i, id := range ids {
		got := halltest.Into[wire.Ticket](h, h.Get(http.StatusOK, h.Tokens[account.Clerk], "/api/v1/tickets/"+id))
		if got.State != string(hall.Waiting) || got.Ahead != i || !strings.HasSuffix(got.Number, strconv.Itoa(i+1)) {
			t.Errorf("%s: %s, %d ahead", got.Number, got.State, got.Ahead)
		}
	}
	h.Stop()
	h.Verify()
}

package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestWhatWasSaidOfThePapersReachesTheClerk: which papers an applicant said were missing stands with the ticket at the
// window, also after a restart.
func TestWhatWasSaidOfThePapersReachesTheClerk(t *testing.T) {
	h := halltest.New(t, 1)
	var lists = map[string][]string{}
	for _, m := range halltest.Into[wire.Catalogue](h, h.Get(200, h.Tokens[account.Kiosk], "/api/v1/catalogue")).Matters {
		lists[m.Code] = m.Materials
	}
	one, two := h.Matters[0], h.Matters[1]
	said := map[string][]string{one: lists[one][:1], two: {}}
	h.Post(422, h.Tokens[account.Kiosk], "/api/v1/tickets", "", map[string]any{"matters": []string{one}, "papers": map[string][]string{one: {"没有的材料"}}})
	h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", map[string]any{"matters": []string{one, two}, "papers": said})
	h.Post(200, h.Clerks[0], "/api/v1/windows/1/open", "", nil)
	h.Restart()
	next := halltest.Into[wire.NextResponse](h, h.Post(200, h.Clerks[0], "/api/v1/windows/1/next", "", nil))
	if diff := cmp.Diff(said, next.Ticket.Papers); diff != "" {
		t.Errorf("the clerk sees something else (-said +seen):\n%s", diff)
	}
}

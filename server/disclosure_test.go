package server_test

import (
	"strings"
	"testing"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/halltest"
)

// A person who has shown a card gets what is kept about them and nothing of others; each disclosure is on record before it is
// given, with who, on whom and on which proof, and without the number. Without proof, or for another role, nothing is told.
func TestDisclosure(t *testing.T) {
	h := halltest.New(t, 1)
	const number = "11010519491231002X"
	own := map[string]any{"kind": "id", "number": number}
	for _, person := range []any{own, own, map[string]any{"kind": "id", "number": "810000199001010027"}} {
		h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", map[string]any{"matters": h.Matters[:1], "person": person})
	}
	const path = "/api/v1/people/disclosure"
	h.Post(403, h.Tokens[account.Clerk], path, "", map[string]any{"person": own, "proof": "x"})
	h.Post(422, h.Tokens[account.Manager], path, "", map[string]any{"person": own})
	held := halltest.Into[hall.Dossier](h, h.Post(200, h.Tokens[account.Manager], path, "", map[string]any{"person": own, "proof": "身份证原件，本人到场"}))
	if len(held.Tickets) != 2 || held.Tickets[0].Track == "" || held.Tickets[0].IssuedAt == 0 {
		t.Errorf("%+v", held)
	}
	lines := string(h.Get(200, h.Tokens[account.Audit], "/api/v1/admin/journal").Body)
	if strings.Count(lines, "person_disclosed") != 1 || !strings.Contains(lines, "身份证原件，本人到场") || !strings.Contains(lines, "manager:manager") {
		t.Errorf("the access record: %s", lines)
	}
	if strings.Contains(lines, number) {
		t.Error("the number is on record")
	}
}

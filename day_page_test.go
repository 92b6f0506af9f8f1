package main_test

import (
	"testing"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
	"yitang/web"
)

// TestTheManagerEndsADayByMistake: the page says what the end costs and wants a word for it; the day is taken up again by the
// same way, and who waited waits.
func TestTheManagerEndsADayByMistake(t *testing.T) {
	h := halltest.Make(t, 2)
	h.Pages = web.Pages()
	h.Start()
	made := halltest.Into[wire.Ticket](h, h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "k", map[string]any{"matters": h.Matters[:1]}))
	p := open(t, startBrowser(t), h.URL+"/manager", 1366, 768)
	login(t, p, "manager", halltest.Password)
	for _, act := range []struct{ button, says, then, state string }{
		{"day-close", "1 位正在等候", "day-reopen", "abandoned"},
		{"day-reopen", "号码接着发", "day-close", "waiting"},
	} {
		at(p, act.button).MustClick()
		waitText(t, p, "day-box", act.says)
		if at(p, "day-go").MustProperty("disabled").Bool() != true {
			t.Errorf("%s goes without agreement", act.button)
		}
		at(p, "day-agree").MustClick()
		at(p, "day-go").MustClick()
		at(p, act.then)
		if got := halltest.Into[wire.Ticket](h, h.Get(200, h.Tokens[account.Clerk], "/api/v1/tickets/"+made.ID)); got.State != act.state {
			t.Errorf("after %s the ticket is %s, not %s", act.button, got.State, act.state)
		}
	}
}

package api_test

import (
	"net/http"
	"strings"
	"testing"

	"yitang/server/account"
	"yitang/server/api"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestLayoutIsChangedByTheManager: skills and settings change at once or with the next day; nobody overwrites somebody
// else's change, and nobody is stranded.
func TestLayoutIsChangedByTheManager(t *testing.T) {
	h := halltest.New(t, 3)
	manager := h.Tokens[account.Manager]
	get := func() wire.LayoutState {
		return halltest.Into[wire.LayoutState](h, h.Get(200, manager, "/api/v1/layout"))
	}
	was := get()
	if was.Now.Version == "" || len(was.Now.Windows) != 3 || was.Planned != nil || was.Now.Calling.Policy != "ratio" || was.Now.Calling.OrdinaryMin != 20 || len(was.Versions) != 1 {
		t.Fatalf("%+v", was)
	}
	change := wire.LayoutChange{Base: was.Now.Version, When: "now", Windows: was.Now.Windows, Calling: was.Now.Calling}
	first := change.Windows[0].Fields[0]
	change.Windows[2].Kind, change.Windows[2].Fields = "field", []string{first}
	change.Windows[2].Acts = map[string][]string{first: {"receive", "deliver"}}
	change.Calling.Policy, change.Calling.StatutoryMin = "strict", 4
	change.Reliefs = []wire.Relief{{Field: first, Waiting: 3, OverMin: 15, Window: "3"}}
	h.Post(http.StatusForbidden, h.Tokens[account.Guide], "/api/v1/layout", "", change)
	h.Post(200, manager, "/api/v1/layout", "", change)
	now := get()
	if w := now.Now.Windows[2]; now.Now.Version == was.Now.Version || w.Kind != "field" || len(w.Fields) != 1 || len(w.Acts[first]) != 2 || now.Now.Calling.Policy != "strict" || now.Now.Calling.StatutoryMin != 4 {
		t.Errorf("%+v", now.Now)
	}
	if a := h.Post(409, manager, "/api/v1/layout", "", change); a.Code() != "layout_changed" {
		t.Errorf("on an old base: %s", a.Body)
	}
	if r := now.Now.Reliefs; len(was.Now.Reliefs) != 0 || len(r) != 1 || r[0] != change.Reliefs[0] {
		t.Errorf("reliefs: %+v", r)
	}
	keep := wire.LayoutChange{Base: now.Now.Version, When: "now", Windows: now.Now.Windows, Calling: now.Now.Calling}
	keep.Calling.StatutoryMin = 3
	h.Post(200, manager, "/api/v1/layout", "", keep)
	if now = get(); len(now.Now.Reliefs) != 1 {
		t.Errorf("a change that does not name them: %+v", now.Now.Reliefs)
	}
	change.Base, change.When, change.Windows, change.Reliefs = now.Now.Version, "next_day", was.Now.Windows[:2], []wire.Relief{}
	h.Post(200, manager, "/api/v1/layout", "", change)
	if s := get(); s.Planned == nil || len(s.Planned.Windows) != 2 || len(s.Now.Windows) != 3 || len(s.Versions) != 4 || len(s.Planned.Reliefs) != 0 || !s.Versions[0].Planned {
		t.Errorf("planned: %+v", s)
	}
	for name, wrong := range map[string]func(c *wire.LayoutChange){
		"when": func(c *wire.LayoutChange) { c.When = "soon" }, "policy": func(c *wire.LayoutChange) { c.Calling.Policy = "lifo" },
		"relief": func(c *wire.LayoutChange) {
			c.Reliefs = []wire.Relief{{Field: first, Waiting: 0, OverMin: 15, Window: "3"}}
		},
		"kind":      func(c *wire.LayoutChange) { c.Windows[0].Kind = "odd" },
		"a field":   func(c *wire.LayoutChange) { c.Windows[0].Fields = []string{"?"} },
		"no window": func(c *wire.LayoutChange) { c.Windows = c.Windows[:1]; c.Windows[0].Fields = []string{first} },
	} {
		bad := halltest.Into[wire.LayoutState](h, h.Get(200, manager, "/api/v1/layout"))
		c := wire.LayoutChange{Base: bad.Now.Version, When: "now", Windows: bad.Now.Windows, Calling: bad.Now.Calling}
		wrong(&c)
		if a := h.Post(422, manager, "/api/v1/layout", "", c); a.Code() != "invalid" {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
	if a := h.Post(422, manager, "/api/v1/layout", "", wire.LayoutChange{Base: get().Now.Version, When: "now"}); !strings.Contains(string(a.Body), "windows：") {
		t.Errorf("without windows: %s", a.Body)
	}
	for _, body := range []string{"", "null", "{}"} {
		if a := h.Send(halltest.Request{Method: http.MethodPut, Path: "/api/v1/areas", Token: manager, Body: body}); a.Status != 422 {
			t.Errorf("areas that %q forgot: %d %s", body, a.Status, a.Body)
		}
	}
	h.Post(200, manager, "/api/v1/day/close", "", nil)
	if s := get(); s.Planned == nil || len(s.Now.Windows) != 3 {
		t.Errorf("before the next day: %+v", s.Planned)
	}
	h.Restart()
	if s := get(); s.Planned == nil {
		t.Error("the plan did not survive a restart")
	}
	if a := h.Send(halltest.Request{Method: http.MethodDelete, Path: "/api/v1/layout/planned", Token: manager}); a.Status != 200 || get().Planned != nil {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// TestWhatifAndReasons: yesterday can be tried under other settings, and each call of it can be explained.
func TestWhatifAndReasons(t *testing.T) {
	h := halltest.New(t, 2)
	manager, clerk := h.Tokens[account.Manager], h.Clerks[0]
	state := halltest.Into[wire.LayoutState](h, h.Get(200, manager, "/api/v1/layout"))
	try := wire.WhatifRequest{Days: 5, Windows: state.Now.Windows, Calling: state.Now.Calling}
	if a := h.Post(409, manager, "/api/v1/whatif", "", try); a.Code() != "no_past" {
		t.Errorf("before the first day has ended: %s", a.Body)
	}
	ticket := take(h)
	h.Post(200, clerk, "/api/v1/windows/1/open", "", nil)
	h.Post(200, clerk, "/api/v1/windows/1/next", "", nil)
	h.Post(200, clerk, "/api/v1/windows/1/finish", "", nil)
	h.Post(200, clerk, "/api/v1/windows/1/close", "", nil)
	calls := halltest.Into[wire.TicketCalls](h, h.Get(200, manager, "/api/v1/tickets/"+ticket.ID+"/calls"))
	if len(calls.Calls) != 1 || calls.Calls[0].Window != "1" || calls.Calls[0].Why.Rule != "ratio" || calls.Calls[0].Why.Sentence["zh"] == "" || len(calls.Calls[0].Why.Heads) != 1 {
		t.Errorf("%+v", calls)
	}
	h.Get(404, manager, "/api/v1/tickets/20200101-A001/calls")
	h.Post(200, manager, "/api/v1/day/close", "", nil)
	got := halltest.Into[api.Whatif](h, h.Post(200, manager, "/api/v1/whatif", "", try))
	if got.Days != 1 || got.Tickets != 1 || got.Tried.Overall.N != 1 || got.Base.Overall.N != 1 || got.Real.Overall.N != 1 || got.Wait.Mean != 0 {
		t.Errorf("%+v", got)
	}
	past := halltest.Into[wire.PastDays](h, h.Get(200, manager, "/api/v1/whatif/days?last=5"))
	if len(past.Days) != 1 || past.Days[0].Tickets != 1 {
		t.Fatalf("%+v", past)
	}
	h.Get(422, manager, "/api/v1/whatif/days?last=61")
	h.Get(http.StatusForbidden, clerk, "/api/v1/whatif/days")
	try.Dates, try.Days = []string{past.Days[0].Day, past.Days[0].Day}, 0
	if got := halltest.Into[api.Whatif](h, h.Post(200, manager, "/api/v1/whatif", "", try)); got.Days != 1 || got.From != past.Days[0].Day {
		t.Errorf("the chosen day: %+v", got)
	}
	try.Dates = append(try.Dates, "2020-01-01")
	if a := h.Post(422, manager, "/api/v1/whatif", "", try); a.Code() != "invalid" || !strings.Contains(string(a.Body), "2020-01-01") {
		t.Errorf("a day that never was: %s", a.Body)
	}
	try.Dates, try.Days = nil, 5
	try.Closed = []string{"1", "2"}
	if got := halltest.Into[api.Whatif](h, h.Post(200, manager, "/api/v1/whatif", "", try)); got.Tried.Overall.Unserved != 1 {
		t.Errorf("with all windows closed: %+v", got.Tried.Overall)
	}
	try.Days = 0
	h.Post(422, manager, "/api/v1/whatif", "", try)
}

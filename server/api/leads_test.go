package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/report"
	"yitang/server/wire"
)

// quickWindow is a hall of 2025-06-03 with a window that said done within seconds twelve times.
func quickWindow(t *testing.T) *halltest.Hall {
	t.Helper()
	h := halltest.Make(t, 1)
	h.Now = func() time.Time { return time.Date(2025, 6, 3, 2, 0, 0, 0, time.UTC) }
	h.Start()
	clerk := h.Tokens[account.Clerk]
	h.Post(200, clerk, "/api/v1/windows/1/open", "", nil)
	for range 12 {
		h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Matters: h.Matters[:1], Person: wire.Person{Kind: "none"}})
		h.Post(200, clerk, "/api/v1/windows/1/next", "", nil)
		h.Post(200, clerk, "/api/v1/windows/1/finish", "", nil)
	}
	return h
}

// TestLeadKeys: a step of a lead that is sent again is taken once.
func TestLeadKeys(t *testing.T) {
	h := quickWindow(t)
	manager := h.Tokens[account.Manager]
	list := halltest.Into[wire.Leads](h, h.Get(200, manager, "/api/v1/leads?month=2025-06")).Leads
	if len(list) == 0 {
		t.Fatal("no leads")
	}
	for i, step := range []string{"assign", "verify", "reopen", "dismiss"} {
		twice(h, 204, manager, "/api/v1/leads/"+list[0].ID+"/"+step, "k"+step, wire.LeadStep{To: "guide", Text: "属实"})
		now := halltest.Into[wire.Leads](h, h.Get(200, manager, "/api/v1/leads?month=2025-06")).Leads
		if len(now[0].Acts) != i+1 {
			t.Errorf("after %s: %+v", step, now[0].Acts)
		}
	}
}

// TestLeads finds a window that says done within seconds, and follows the lead to its end.
func TestLeads(t *testing.T) {
	h := quickWindow(t)
	manager, clerk := h.Tokens[account.Manager], h.Tokens[account.Clerk]
	get := func() wire.Lead {
		t.Helper()
		list := halltest.Into[wire.Leads](h, h.Get(200, manager, "/api/v1/leads?month=2025-06"))
		i := slices.IndexFunc(list.Leads, func(l wire.Lead) bool { return l.Signal == "F1" })
		if i < 0 || list.ReportDay != "2025-06-03" || !strings.Contains(list.NotComputed, "B5") {
			t.Fatalf("%+v", list)
		}
		return list.Leads[i]
	}
	l := get()
	if l.State != "new" || l.Subject != "1" || l.N != 12 || l.K != 12 || len(l.Rows) != 12 || l.Text == "" {
		t.Fatalf("%+v", l)
	}
	path := "/api/v1/leads/" + l.ID
	h.Post(422, manager, path+"/assign", "", wire.LeadStep{})
	h.Post(422, manager, path+"/dismiss", "", wire.LeadStep{})
	h.Post(409, manager, path+"/reopen", "", wire.LeadStep{Text: "再查"})
	h.Post(404, manager, "/api/v1/leads/F1-2025-05-01-"+l.ID[len(l.ID)-8:]+"/assign", "", wire.LeadStep{To: "guide"})
	h.Post(404, manager, "/api/v1/leads/nothing/assign", "", wire.LeadStep{To: "guide"})
	h.Post(403, clerk, path+"/assign", "", wire.LeadStep{To: "guide"})
	for _, nobody := range []string{"督查科", "kiosk"} { // no account, and nobody's
		if a := h.Post(422, manager, path+"/assign", "", wire.LeadStep{To: nobody}); !strings.Contains(string(a.Body), "to：") {
			t.Errorf("%s: %s", nobody, a.Body)
		}
	}
	h.Post(204, manager, path+"/assign", "", wire.LeadStep{To: "guide"})
	h.Post(204, manager, path+"/dismiss", "", wire.LeadStep{Text: "系统演示"})
	h.Post(409, manager, path+"/verify", "", wire.LeadStep{Text: "属实"})
	h.Restart()
	if l = get(); l.State != "dismissed" || l.Assignee != "guide" || len(l.Acts) != 2 || l.Acts[1].Text != "系统演示" || l.Acts[1].By != "manager" || l.Acts[0].K != 12 {
		t.Errorf("%+v", l)
	}
	line := halltest.Into[wire.CaseLine](h, h.Get(200, manager, "/api/v1/reports/cases/"+l.Rows[0]))
	if len(line.Events) != 2 || line.Events[1].Window != "1" {
		t.Errorf("the evidence %s: %+v", l.Rows[0], line)
	}
	compareFiles(t, h, "/api/v1/reports/leads")
	r := halltest.Into[report.Report](h, h.Get(200, manager, "/api/v1/reports/leads"+juneReport))
	rows := r.Table("leads").Rows
	if row := rows[slices.IndexFunc(rows, func(row []any) bool { return row[0] == "F1" })]; row[6] != report.StateText("dismissed") || row[7] != "guide" || row[8] != "系统演示" {
		t.Errorf("%v", row)
	}
	h.Get(400, manager, "/api/v1/leads?month=June")
	h.Verify()
}

// TestPublic: everybody sees the waits and, where at least five cases stand behind each, last month's rates.
func TestPublic(t *testing.T) {
	h := withPast(t)
	p := halltest.Into[wire.PublicHall](h, h.Get(200, "", "/api/v1/public"))
	if len(p.Fields) == 0 || p.Waiting != 0 || p.Month == nil || p.Month.From != "2025-06-01" || p.Month.Bounds != nil {
		t.Fatalf("%+v", p)
	}
	if m := p.Month.Rates; len(m) != 3 || m[0].N != 14 || m[1].N != 13 || m[2].N != 16 || m[0].Rate != 8.0/14 || m[1].Rate != 9.0/13 {
		t.Errorf("%+v", m)
	}
	empty := halltest.New(t, 1)
	if p := halltest.Into[wire.PublicHall](empty, empty.Get(200, "", "/api/v1/public")); p.Month != nil {
		t.Errorf("a hall without cases tells %+v", p.Month)
	}
}

// TestLeadLimits: a limit is a setting of the hall, kept in its journal, named where it is out of bounds, and holds at once.
func TestLeadLimits(t *testing.T) {
	h := quickWindow(t)
	manager := h.Tokens[account.Manager]
	get := func() map[string]wire.LeadLimit {
		t.Helper()
		all := map[string]wire.LeadLimit{}
		for _, l := range halltest.Into[wire.LeadLimits](h, h.Get(200, manager, "/api/v1/leads/limits")).Limits {
			if all[l.Name] = l; l.Text == "" || l.Signal != "" && l.SignalText == "" || l.Min > l.Default || l.Default > l.Max {
				t.Errorf("%+v", l)
			}
		}
		return all
	}
	flagged := func() bool {
		t.Helper()
		list := halltest.Into[wire.Leads](h, h.Get(200, manager, "/api/v1/leads?month=2025-06")).Leads
		return slices.ContainsFunc(list, func(l wire.Lead) bool { return l.Signal == "F1" })
	}
	base := func() string {
		return halltest.Into[wire.LeadLimits](h, h.Get(200, manager, "/api/v1/leads/limits")).Base
	}
	if l := get()["f1_quick_done"]; l.Value != 0.05 || !flagged() {
		t.Fatalf("%+v", l)
	}
	for _, c := range []struct {
		values map[string]float64
		say    string
	}{
		{map[string]float64{"f1_quick_done": 5}, "values.f1_quick_done（这样的号超过）：请填 0.1% 到 99.9% 之间的数"},
		{map[string]float64{"b6_days": 2.5}, "values.b6_days（收件后未受理也未告知超过）：请填 0 到 60 之间的整数"},
		{map[string]float64{"g9": 1}, "values.g9"},
	} {
		if a := h.Post(422, manager, "/api/v1/leads/limits", "", wire.LeadLimitsChange{Base: base(), Values: c.values}); !strings.Contains(string(a.Body), c.say) {
			t.Errorf("%v: %s", c.values, a.Body)
		}
	}
	h.Post(422, manager, "/api/v1/leads/limits", "", wire.LeadLimitsChange{})
	h.Post(403, h.Tokens[account.Clerk], "/api/v1/leads/limits", "", wire.LeadLimitsChange{Base: base()})
	twice(h, 200, manager, "/api/v1/leads/limits", "k", wire.LeadLimitsChange{Base: base(), Values: map[string]float64{"rows": 30, "b1_no_ticket": 0.1}})
	h.Post(409, manager, "/api/v1/leads/limits", "", wire.LeadLimitsChange{Base: "old", Values: map[string]float64{"rows": 20}})
	h.Restart()
	if l := get(); l["rows"].Value != 30 || l["rows"].Default != 10 || l["b1_no_ticket"].Value != 0.1 || flagged() {
		t.Errorf("%+v, twelve rows are a lead: %v", l["rows"], flagged())
	}
	h.Post(200, manager, "/api/v1/leads/limits", "", wire.LeadLimitsChange{Base: base(), Values: map[string]float64{"rows": 10}})
	if !flagged() {
		t.Error("ten rows are enough again, and twelve are none")
	}
	h.Verify()
}

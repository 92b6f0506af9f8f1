package city_test

import (
	"net/http"
	"testing"
	"time"

	"yitang/city"
	"yitang/city/ledger"
	"yitang/db"
	"yitang/server/account"
	"yitang/server/catalogue"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// visit takes a ticket for a matter, is called to window 1 and ends with an outcome.
func visit(t *testing.T, h *halltest.Hall, matter, outcome string) {
	t.Helper()
	h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Matters: []string{matter}, Person: wire.Person{Kind: "id", Number: citizen}})
	w := "/api/v1/windows/1/"
	h.Post(200, h.Clerks[0], w+"open", "", nil)
	h.Post(200, h.Clerks[0], w+"next", "", nil)
	h.Post(200, h.Clerks[0], w+"start", "", struct{}{})
	out := map[string]any{"matter": matter, "outcome": outcome}
	if outcome == "incomplete" {
		out["missing"] = []string{"租赁合同"}
	}
	h.Post(200, h.Clerks[0], w+"finish", "", map[string]any{"outcomes": []any{out}})
}

// june is a clock that goes on from a Tuesday morning of which the working days are known.
func june() func() time.Time {
	began := time.Now()
	return func() time.Time { return time.UnixMilli(1748916000000).Add(time.Since(began)) }
}

func head(t *testing.T, h *halltest.Hall) uint64 {
	t.Helper()
	d, err := db.Reader(t.Context(), h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	n, err := d.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTwoVisits: a person tries to file at the township office, is told what is missing, and files at the city's hall on the
// same day. Either hall by itself sees one visit; the city sees one case with two. The line was down at first, and the
// city was restarted and rebuilt meanwhile: every event counts once.
func TestTwoVisits(t *testing.T) {
	w := newTown(t)
	township, cityHall := w.branch("township", 1), w.branch("changji", 2)
	for _, h := range []*halltest.Hall{township, cityHall} {
		h.Now = june()
	}
	w.end() // nobody is there
	township.Start()
	visit(t, township, township.Matters[0], "incomplete")
	w.start()
	w.log()
	cityHall.Start()
	visit(t, cityHall, cityHall.Matters[0], "done")
	halls := []*halltest.Hall{township, cityHall}
	names := []hall.ID{"township", "changji"}
	arrived := func() bool {
		for i, h := range halls {
			if g := w.glance(names[i]); g == nil || g.Position != head(t, h) || !g.Online {
				return false
			}
		}
		return true
	}
	w.until("both journals in the city", arrived)
	w.until("the hall's own word is on the page", func() bool {
		g := w.glance("changji")
		return g.Now != nil && g.Now.Windows.Open == 1 && g.Now.Windows.All == 2 && g.Now.Done == 1
	})
	check := func() {
		t.Helper()
		const today = "2025-06-03"
		var once city.Once
		w.call(http.MethodGet, "/api/v1/runonce?from="+today+"&to="+today, 200, nil, &once)
		if once.All.N != 1 || *once.All.Once != 0 || once.Visits["2"] != 1 || once.Moved != 1 || len(once.Cases) != 1 || len(once.Cases[0].Halls) != 2 {
			t.Errorf("%+v", once)
		}
		var figures map[hall.ID]ledger.Figures
		w.call(http.MethodGet, "/api/v1/period?from="+today+"&to="+today, 200, nil, &figures)
		if figures["township"].Issued != 1 || figures["changji"].Done != 1 {
			t.Errorf("%+v", figures)
		}
		w.sameEverywhere("?from=" + today + "&to=" + today)
		w.twoHalls(once.Cases[0].Case)
	}
	check()
	w.end()
	w.config.Rebuild = true
	w.start()
	w.log()
	w.until("everything taken in again", arrived)
	check()
}

// TestStandard: the city publishes a catalogue; a hall takes it over with its next day, keeps its windows and fields, and one
// that was away catches up.
func TestStandard(t *testing.T) {
	w := newTown(t)
	h := w.branch("changji", 3)
	clock := time.Now()
	h.Now = func() time.Time { return clock }
	example, err := catalogue.Example()
	if err != nil {
		t.Fatal(err)
	}
	matters := example.Matters
	matters[0].PromisedDays, matters[0].StatutoryDays, matters[0].Materials = 3, 20, []string{"申请表"}
	body := map[string]any{"base": 0, "from": "2020-01-01", "matters": matters}
	w.call(http.MethodPost, "/api/v1/standard", 201, body, nil)
	w.call(http.MethodPost, "/api/v1/standard", 409, body, nil) // somebody else has published in between
	h.Start()
	w.until("the hall has heard of it", func() bool { g := w.glance("changji"); return g != nil && g.Online })
	w.until("the catalogue is kept for its day", func() bool { return h.Kept("city-standard.json") })
	h.Stop()
	clock = clock.AddDate(0, 0, 1) // the next business day begins
	h.Start()
	w.until("the city sees it at work", func() bool { return w.glance("changji").Standard == 1 })
	got := halltest.Into[wire.Catalogue](h, h.Get(200, h.Tokens[account.Kiosk], "/api/v1/catalogue"))
	for _, m := range got.Matters {
		if m.Code == string(matters[0].Code) && (m.PromisedDays != 3 || len(m.Materials) != 1) {
			t.Errorf("%+v", m)
		}
	}
	if g := w.glance("changji"); g.Windows != 3 {
		t.Errorf("%d windows", g.Windows)
	}
}

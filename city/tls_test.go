package city_test

import (
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"yitang/city/join"
	"yitang/city/ledger"
	"yitang/city/line"
	"yitang/server/hall"
)

// TestTLS: a city whose line speaks TLS by its own authority, as yitang city does wherever the line is not loopback only. A hall
// that joined reaches it with nothing but its pass, publishes, and is counted; and without the city's authority nobody gets in.
func TestTLS(t *testing.T) {
	w := newTownTLS(t)
	h := w.branch("changji", 1)
	h.Now = june()
	h.Start()
	visit(t, h, h.Matters[0], "done")
	w.until("the hall's journal is in the city", func() bool {
		g := w.glance("changji")
		return g != nil && g.Online && g.Position == head(t, h)
	})
	var figures map[hall.ID]ledger.Figures
	w.call("GET", "/api/v1/period?from=2025-06-03&to=2025-06-03", 200, nil, &figures)
	if f := figures["changji"]; f.Issued != 1 || f.Done != 1 {
		t.Errorf("%+v", f)
	}
	p, err := join.Load(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	k, err := nkeys.FromSeed([]byte(p.Seed))
	if err != nil {
		t.Fatal(err)
	}
	if nc, err := nats.Connect("tls://"+w.line, nats.Nkey(p.User, k.Sign), nats.CustomInboxPrefix(line.Inbox(p.Hall))); err == nil {
		nc.Close()
		t.Error("the line is not by the city's own authority")
	}
}

package city_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"yitang/city/join"
	"yitang/city/line"
	"yitang/city/outbox"
	"yitang/city/register"
)

// connect speaks for a hall with its pass.
func (w *town) connect(p *join.Pass) *nats.Conn {
	w.Helper()
	k, err := nkeys.FromSeed([]byte(p.Seed))
	if err != nil {
		w.Fatal(err)
	}
	nc, err := nats.Connect("nats://"+w.line, nats.Nkey(p.User, k.Sign), nats.CustomInboxPrefix(line.Inbox(p.Hall)), nats.RetryOnFailedConnect(true),
		nats.IgnoreAuthErrorAbort(), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(nc.Close)
	return nc
}

// TestNearest: a hall asks who else serves a matter. One is named while its own word is fresh, its windows are open and it
// can say how long one waits; it is not named for a matter that it does not serve, nor to itself, nor once it is revoked.
func TestNearest(t *testing.T) {
	w := newTown(t)
	h := w.branch("township", 1)
	h.Start()
	w.until("the lists are in the city", func() bool { g := w.glance("township"); return g != nil && g.Matters > 100 })
	h.Stop() // its word is ours now
	pass, err := join.Load(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	asking := w.admit(t.TempDir(), "changji")
	km := func(lat, lon float64) (*float64, *float64) { return &lat, &lon }
	w.change(func(r *register.Register) {
		r.Halls["township"].Lat, r.Halls["township"].Lon = km(44.01, 87.30)
		r.Halls["changji"].Lat, r.Halls["changji"].Lon = km(44.01, 87.42)
	})
	speaks, asks := w.connect(pass), w.connect(asking)
	five, ten := 5, 10
	now := outbox.Now{Open: true, Queues: []outbox.Queue{{Field: "A", Served: true, P50: &five, P90: &ten}, {Field: "B", Served: false}}}
	nearest := func(nc *nats.Conn, p *join.Pass, matter string) []outbox.Near {
		word, _ := json.Marshal(&now)
		_ = speaks.Publish(line.NowOf("township"), word) // refused once it is revoked
		_ = speaks.FlushTimeout(time.Second)             // a connection that is cut off would wait ten
		q, _ := json.Marshal(outbox.Question{What: outbox.AskNearest, Matters: []string{matter}})
		m, err := nc.Request(line.AskOf(p.Hall), q, 5*time.Second)
		if err != nil {
			return nil
		}
		var a outbox.Answer
		if err := json.Unmarshal(m.Data, &a); err != nil {
			t.Fatal(err)
		}
		return a.Near
	}
	served := h.Matters[0] // of field A
	w.until("the township is named", func() bool { n := nearest(asks, asking, served); return len(n) == 1 && n[0].Km != nil })
	if n := nearest(asks, asking, served)[0]; n.Hall != "township" || n.P50 != 5 || n.P90 != 10 || *n.Km < 9 || *n.Km > 10 {
		t.Errorf("%+v %v", n, *n.Km)
	}
	if n := nearest(asks, asking, h.Matters[1]); len(n) != 0 {
		t.Errorf("named for a field without an open window: %+v", n)
	}
	if n := nearest(speaks, pass, served); len(n) != 0 {
		t.Errorf("named to itself: %+v", n)
	}
	w.change(func(r *register.Register) {
		if err := r.Revoke("township"); err != nil {
			t.Fatal(err)
		}
	})
	w.until("the revoked one is not named", func() bool { return asks.IsConnected() && len(nearest(asks, asking, served)) == 0 })
}

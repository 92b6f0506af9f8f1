package city_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"yitang/city/line"
	"yitang/city/register"
	"yitang/server/account"
	"yitang/server/cert"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// cluster is three nats-servers as an operator sets them up: each from a file of its own, with what `yitang city config` prints
// included, TLS by the city's own authority.
type cluster struct {
	dir    string
	listen []string
	nodes  []*server.Server
}

// credentials writes what the city prints now.
func (c *cluster) credentials(w *town) {
	w.Helper()
	r, err := register.Load(w.dir)
	if err != nil {
		w.Fatal(err)
	}
	public, err := r.PublicKey()
	if err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.dir, "halls.conf"), []byte(line.ServerConfig(public, r.Credentials())), 0o600); err != nil {
		w.Fatal(err)
	}
}

// newCluster makes a city that is to work on three servers, and starts these.
func newCluster(t *testing.T) (*town, *cluster) {
	c := &cluster{dir: t.TempDir(), listen: []string{halltest.Address(t), halltest.Address(t), halltest.Address(t)}}
	routes := []string{halltest.Address(t), halltest.Address(t), halltest.Address(t)}
	w := prepare(t, "tls://"+c.listen[0], "tls://"+c.listen[1], "tls://"+c.listen[2])
	if _, err := cert.Config(w.dir, cert.Fixed(halltest.Host()), time.Now); err != nil {
		t.Fatal(err)
	}
	c.credentials(w)
	for i := range c.listen {
		file := filepath.Join(c.dir, fmt.Sprintf("n%d.conf", i+1))
		text := fmt.Sprintf(`server_name: n%d
listen: %q
jetstream { store_dir: %q, max_file_store: 1GB }
tls { cert_file: %q, key_file: %q, timeout: 30 }
cluster { name: city, listen: %q, authorization { user: route, password: secret }, routes: [%s] }
include halls.conf
`, i+1, c.listen[i], filepath.Join(c.dir, fmt.Sprintf("n%d", i+1)), filepath.Join(w.dir, "tls-hall.pem"), filepath.Join(w.dir, "tls-hall.key"), routes[i],
			`"nats://route:secret@`+strings.Join(routes, `", "nats://route:secret@`)+`"`)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := server.ProcessConfigFile(file)
		if err != nil {
			t.Fatal(err)
		}
		o.NoSigs, o.NoLog = true, true
		s, err := server.NewServer(o)
		if err != nil {
			t.Fatal(err)
		}
		c.nodes = append(c.nodes, s)
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		go s.Start()
	}
	for _, s := range c.nodes {
		if !s.ReadyForConnections(patience) {
			t.Fatal("a server did not start")
		}
	}
	w.config.NATS, w.config.Replicas = "tls://"+strings.Join(c.listen, ",tls://"), 3
	w.open() // before the servers have chosen their leader
	return w, c
}

// TestCluster: a city on three servers that it does not own. Three halls publish; one server dies and nothing is lost; a hall
// is revoked by printing the credentials again and having the servers read them, and its journal stays where it was.
func TestCluster(t *testing.T) {
	w, c := newCluster(t)
	names := []hall.ID{"changji", "jimsar", "township"}
	var halls []*halltest.Hall
	for _, id := range names {
		h := w.branch(id, 1)
		h.Now = june()
		halls = append(halls, h)
	}
	reload := func() {
		t.Helper()
		c.credentials(w)
		for _, s := range c.nodes {
			if s.Running() {
				if err := s.Reload(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	reload()
	arrived := func(i int) bool { g := w.glance(names[i]); return g != nil && g.Position == head(t, halls[i]) }
	for _, h := range halls {
		h.Start()
		visit(t, h, h.Matters[0], "done")
	}
	w.until("three journals in the city", func() bool { return arrived(0) && arrived(1) && arrived(2) })
	c.nodes[0].Shutdown()
	for _, h := range halls {
		h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Matters: h.Matters[:1], Person: wire.Person{Kind: "none"}})
	}
	w.until("three journals in the city, on two servers", func() bool { return arrived(0) && arrived(1) && arrived(2) })
	w.change(func(r *register.Register) {
		if err := r.Revoke(names[2]); err != nil {
			t.Fatal(err)
		}
	})
	reload()
	stood := w.glance(names[2]).Position
	for _, h := range halls {
		h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "", wire.TakeRequest{Matters: h.Matters[:1], Person: wire.Person{Kind: "none"}})
	}
	w.until("the two that remain go on", func() bool { return arrived(0) && arrived(1) })
	if g := w.glance(names[2]); g.Position != stood || !g.Revoked || arrived(2) {
		t.Errorf("the revoked hall: %+v", g)
	}
	if conn, err := net.Dial("tcp", c.listen[0]); err == nil {
		conn.Close()
		t.Error("the server that died still listens")
	}
}

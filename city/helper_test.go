package city_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"yitang/city"
	"yitang/city/join"
	"yitang/city/register"
	"yitang/server/cert"
	"yitang/server/hall"
	"yitang/server/halltest"
)

func TestMain(m *testing.M) { os.Exit(halltest.Postgres(m)) }

// patience is how long a test waits for what must come.
const patience = time.Minute

// town is a running city.
type town struct {
	testing.TB
	config city.Config
	dir    string
	url    string // of the pages
	line   string // host:port
	token  string

	stop  context.CancelFunc
	ended chan error
	once  *sync.Once
}

// newTown makes a city whose line is plain, as on loopback, and starts it.
func newTown(t testing.TB) *town {
	t.Helper()
	at := halltest.Address(t)
	w := prepare(t, "nats://"+at)
	w.line, w.config.Line = at, at
	w.open()
	return w
}

// newTownTLS makes a city whose line speaks TLS by the city's own authority, and starts it.
func newTownTLS(t testing.TB) *town {
	t.Helper()
	at := halltest.Address(t)
	w := prepare(t, "tls://"+at)
	w.line, w.config.Line = at, at
	var err error
	if w.config.LineTLS, err = cert.Config(w.dir, cert.Fixed(halltest.Host()), time.Now); err != nil {
		t.Fatal(err)
	}
	w.open()
	return w
}

// prepare makes a city with a user and a database.
func prepare(t testing.TB, urls ...string) *town {
	t.Helper()
	w := &town{TB: t, dir: t.TempDir()}
	w.config = city.Config{Dir: w.dir, Database: halltest.Database(t), Listen: "127.0.0.1:0", Pages: fstest.MapFS{}, Look: 100 * time.Millisecond,
		Log: zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.ErrorLevel)}
	if _, err := register.Create(w.dir, "昌吉", urls); err != nil {
		t.Fatal(err)
	}
	w.change(func(r *register.Register) { r.Users["wang"] = register.User{Password: halltest.PasswordHash()} })
	return w
}

// open starts the city and logs in.
func (w *town) open() {
	w.Helper()
	w.start()
	w.log()
}

func (w *town) start() {
	w.Helper()
	ctx, stop := context.WithCancel(context.Background())
	w.stop, w.ended, w.once = stop, make(chan error, 1), new(sync.Once)
	ready := make(chan string, 1)
	w.config.Ready = func(a net.Addr, _ string) { ready <- "http://" + a.String() }
	config, ended := w.config, w.ended
	go func() { ended <- city.Run(ctx, config) }()
	select {
	case w.url = <-ready:
	case err := <-w.ended:
		stop()
		w.Fatalf("the city did not start: %v", err)
	}
	w.Cleanup(w.end)
}

func (w *town) end() {
	w.Helper()
	w.once.Do(func() {
		w.stop()
		select {
		case err := <-w.ended:
			if err != nil {
				w.Errorf("the city did not stop well: %v", err)
			}
		case <-time.After(patience):
			w.Error("the city did not stop")
		}
	})
}

func (w *town) change(do func(r *register.Register)) {
	w.Helper()
	r, err := register.Load(w.dir)
	if err != nil {
		w.Fatal(err)
	}
	do(r)
	if err := r.Save(w.dir); err != nil {
		w.Fatal(err)
	}
}

func (w *town) log() {
	w.Helper()
	w.token = w.enter("wang", halltest.Password).Token
}

// call sends a request as who is logged in, and wants an answer of a status.
func (w *town) call(method, path string, status int, in, out any) {
	w.Helper()
	got := w.ask(method, path, w.token, in)
	if got.status != status {
		w.Fatalf("%s %s: %d %s instead of %d", method, path, got.status, got.code, status)
	}
	if out != nil {
		if err := json.Unmarshal(got.body, out); err != nil {
			w.Fatal(err)
		}
	}
}

// admit makes a hall's folder one of the city's.
func (w *town) admit(dir string, id hall.ID) *join.Pass {
	w.Helper()
	q, err := join.Ask(dir, id, string(id))
	if err != nil {
		w.Fatal(err)
	}
	var a *join.Answer
	w.change(func(r *register.Register) {
		if a, err = r.Enrol(w.dir, q, time.Now()); err != nil {
			w.Fatal(err)
		}
	})
	p, err := join.Load(dir)
	if err != nil {
		w.Fatal(err)
	}
	g, err := p.Open(a)
	if err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "person.key"), g.Person, 0o600); err != nil {
		w.Fatal(err)
	}
	if err := p.Accept(dir, g); err != nil {
		w.Fatal(err)
	}
	return p
}

// branch is a real hall of the city, not started yet.
func (w *town) branch(id hall.ID, windows int) *halltest.Hall {
	w.Helper()
	layout := halltest.Layout(w.TB, windows)
	layout.Hall, layout.Name = id, hall.Text{"zh": "大厅" + string(id)}
	h := halltest.With(w.TB, layout)
	w.admit(h.Dir, id)
	h.City = "pass"
	return h
}

// glance is a hall on the city's page, nil before it is there.
func (w *town) glance(id hall.ID) *city.Glance {
	w.Helper()
	var list []city.Glance
	w.call(http.MethodGet, "/api/v1/halls", 200, nil, &list)
	for i := range list {
		if list[i].Hall == id {
			return &list[i]
		}
	}
	return nil
}

// until waits for something to become true.
func (w *town) until(what string, is func() bool) {
	w.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			w.Fatalf("still not: %s", what)
		}
	}
}

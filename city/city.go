// Package city runs a city: the line to its halls, the intake of their journals into the ledger, and the pages on which
// the city sees all of them. No hall depends on it.
//
// Run owns every goroutine of the city and returns when all have ended.
package city

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"yitang/city/intake"
	"yitang/city/ledger"
	"yitang/city/letter"
	"yitang/city/line"
	"yitang/city/outbox"
	"yitang/city/pg"
	"yitang/city/register"
	"yitang/server/hall"
)

// Config says where a city lives.
type Config struct {
	Dir      string
	Line     string      // host:port on which halls reach the embedded server
	LineTLS  *tls.Config // nil only on loopback
	NATS     string      // an existing cluster in place of the embedded server
	Replicas int         // copies of the stream in that cluster
	Database string      // PostgreSQL; empty = one of the city's own in Dir
	Workers  int
	Listen   string // host:port of the pages
	TLS      *tls.Config
	Pages    fs.FS
	Rebuild  bool          // throw the database's tables away first and take everything in again
	Look     time.Duration // how soon a change of the register, and what came in, is noticed; 0 is two seconds
	Log      zerolog.Logger
	Ready    func(pages net.Addr, lineURL string) // may be nil
}

// lookEvery is Config.Look where that is 0.
const lookEvery = 2 * time.Second

// City is a running city.
type City struct {
	c        Config
	register atomic.Pointer[register.Register]
	server   *line.Server // nil with an existing cluster
	nc       *nats.Conn
	js       jetstream.JetStream
	ledger   *ledger.Ledger
	intake   *intake.Intake
	standard jetstream.KeyValue
	grants   jetstream.KeyValue
	admits   sync.RWMutex                  // nats-server reads its options unlocked when it answers a direct get, as standard.Get is one
	granted  map[hall.ID]letter.Generation // put into the bucket by this process; the watcher's own
	stamp    time.Time                     // of the register that was taken over; the watcher's own

	mu   sync.Mutex
	nows map[hall.ID]*outbox.Now // the newest word of each hall
	ups  map[hall.ID]time.Time   // since when its words have come without a gap

	layouts atomic.Pointer[map[hall.ID]*ledger.Hall]
	door    *door
	errands errands
	answers underWay
}

// underWay are the answers that are being made, each by a goroutine of its own, so that the end can wait for them: they need the
// database.
type underWay struct {
	mu   sync.Mutex
	over bool
	all  sync.WaitGroup
}

// start makes one, unless the end has come.
func (u *underWay) start(make func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.over {
		u.all.Go(make)
	}
}

// end waits for those under way and takes no more.
func (u *underWay) end() {
	u.mu.Lock()
	u.over = true
	u.mu.Unlock()
	u.all.Wait()
}

// Run runs the city until ctx ends.
func Run(ctx context.Context, c Config) error {
	stamp := modified(c.Dir) // before it is read: what changes while the city starts is noticed too
	r, err := register.Load(c.Dir)
	if err != nil {
		return err
	}
	t := &City{c: c, stamp: stamp, granted: map[hall.ID]letter.Generation{}, nows: map[hall.ID]*outbox.Now{}, ups: map[hall.ID]time.Time{}, door: newDoor()}
	t.register.Store(r)
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("city: cannot listen on %s: %w; choose another --listen", c.Listen, err)
	}
	defer ln.Close()
	closeDatabase, err := t.openLedger(ctx)
	if err != nil {
		return err
	}
	defer closeDatabase()
	if err := t.openLine(ctx); err != nil {
		return err
	}
	defer t.closeLine()
	defer t.answers.end()
	if err := t.openIntake(ctx); err != nil {
		return err
	}
	return t.run(ctx, ln)
}

func (t *City) run(ctx context.Context, ln net.Listener) error {
	if err := t.listen(); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return t.intake.Run(ctx) })
	g.Go(func() error { return t.watch(ctx) })
	g.Go(func() error { return t.serve(ctx, ln) })
	if t.c.Ready != nil {
		t.c.Ready(ln.Addr(), t.nc.ConnectedUrl())
	}
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// openLedger opens the database, the city's own where none is named.
func (t *City) openLedger(ctx context.Context) (func(), error) {
	url, stop := t.c.Database, func() error { return nil }
	if url == "" {
		own, err := pg.Start(ctx, filepath.Join(t.c.Dir, "postgres"))
		if err != nil {
			return nil, err
		}
		url, stop = own.URL, own.Stop
	}
	l, err := ledger.Open(ctx, url)
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	t.ledger = l
	if t.c.Rebuild {
		if err := l.Clear(ctx); err != nil {
			l.Close()
			return nil, errors.Join(err, stop())
		}
	}
	return func() {
		l.Close()
		if err := stop(); err != nil {
			t.c.Log.Error().Err(err).Msg("the city's own database")
		}
	}, nil
}

// openLine starts the embedded server, or connects to the cluster.
func (t *City) openLine(ctx context.Context) error {
	r := t.register.Load()
	key, err := nkeys.FromSeed([]byte(r.Seed))
	if err != nil {
		return fmt.Errorf("city: %w", err)
	}
	public, err := key.PublicKey()
	if err != nil {
		return fmt.Errorf("city: %w", err)
	}
	options := []nats.Option{nats.Name("yitang city"), nats.Nkey(public, key.Sign), nats.MaxReconnects(-1), nats.ReconnectBufSize(-1)}
	url := t.c.NATS
	if url != "" {
		if options, err = t.trust(r, options); err != nil {
			return err
		}
	} else {
		t.server, err = line.Serve(line.Config{Name: "city", Dir: filepath.Join(t.c.Dir, "stream"), Listen: t.c.Line, TLS: t.c.LineTLS,
			City: public, Halls: r.Credentials()})
		if err != nil {
			return err
		}
		url, options = t.server.URL(), append(options, t.server.InProcess())
		if t.c.LineTLS != nil { // a pipe within this process: there is nobody in between whom a certificate could tell apart
			options = append(options, nats.Secure(&tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12})) // #nosec G402 -- a pipe within this process
		}
	}
	if t.nc, err = nats.Connect(url, options...); err != nil {
		t.closeLine()
		return fmt.Errorf("city: %s: %w", url, err)
	}
	t.js, err = jetstream.New(t.nc)
	return err
}

// trust has the city know its cluster by the authority that the halls know it by.
func (t *City) trust(r *register.Register, options []nats.Option) ([]nats.Option, error) {
	ca, err := r.Authority(t.c.Dir)
	if err != nil || ca == "" || strings.HasPrefix(t.c.NATS, "nats://") { // without TLS: for loopback
		return options, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(ca)) {
		return nil, errors.New("city: the certificate of the line's authority is damaged")
	}
	return append(options, nats.Secure(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})), nil
}

func (t *City) closeLine() {
	if t.nc != nil {
		t.nc.Close()
	}
	if t.server != nil {
		t.server.Close()
	}
}

// history is how many versions of the catalogue the bucket keeps.
const history = 64

func (t *City) openIntake(ctx context.Context) (err error) {
	if t.c.Rebuild {
		if err := intake.Forget(ctx, t.js); err != nil {
			return err
		}
	}
	if t.intake, err = t.newIntake(ctx); err != nil {
		return err
	}
	bucket := func(name string, keep uint8) (jetstream.KeyValue, error) {
		kv, err := t.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: name, History: keep, Replicas: max(t.c.Replicas, 1)})
		if err != nil {
			return nil, fmt.Errorf("city: bucket %s: %w", name, err)
		}
		return kv, nil
	}
	if t.standard, err = bucket(line.Standard, history); err != nil {
		return err
	}
	if t.grants, err = bucket(line.Grants, 1); err != nil {
		return err
	}
	return t.grant(ctx)
}

// leaderWithin is how long a cluster that has just been started may need to choose its leaders; leaderPause lies between two
// attempts.
const (
	leaderWithin = time.Minute
	leaderPause  = time.Second
)

// newIntake makes the stream, as soon as the cluster can.
func (t *City) newIntake(ctx context.Context) (*intake.Intake, error) {
	for end := time.Now().Add(leaderWithin); ; {
		in, err := intake.New(ctx, intake.Config{JS: t.js, Ledger: t.ledger, Workers: t.c.Workers, Replicas: t.c.Replicas, Log: t.c.Log})
		var api *jetstream.APIError
		unready := errors.As(err, &api) && api.Code == http.StatusServiceUnavailable || errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, context.DeadlineExceeded)
		if t.c.NATS == "" || !unready || time.Now().After(end) || ctx.Err() != nil {
			return in, err
		}
		t.c.Log.Info().Err(err).Msg("the cluster is not ready: trying again")
		select {
		case <-ctx.Done():
		case <-time.After(leaderPause):
		}
	}
}

// watch follows the register on disk: halls that were enrolled or revoked, keys that were changed.
func (t *City) watch(ctx context.Context) error {
	tick := time.NewTicker(cmp.Or(t.c.Look, lookEvery))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		t.remember(ctx)
		if now := modified(t.c.Dir); now != t.stamp {
			t.stamp = now
			if err := t.reload(ctx); err != nil {
				t.c.Log.Error().Err(err).Msg("the register was changed and cannot be taken over")
			}
		}
	}
}

func modified(dir string) time.Time {
	info, err := os.Stat(filepath.Join(dir, register.File))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

func (t *City) reload(ctx context.Context) error {
	r, err := register.Load(t.c.Dir)
	if err != nil {
		return err
	}
	t.register.Store(r)
	if t.server != nil {
		t.admits.Lock()
		err := t.server.Admit(r.Credentials())
		t.admits.Unlock()
		if err != nil {
			return err
		}
	}
	t.c.Log.Info().Int("halls", len(r.Credentials())).Msg("the register was taken over")
	return t.grant(ctx)
}

// grant puts each hall's newest grant where that hall, and no other, can read it.
func (t *City) grant(ctx context.Context) error {
	r := t.register.Load()
	for id, m := range r.Halls {
		if m.Revoked || t.granted[id] >= m.Gen {
			continue
		}
		a, err := r.Grant(t.c.Dir, id)
		if err != nil {
			return err
		}
		data, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("city: %w", err)
		}
		if _, err := t.grants.Put(ctx, string(id), data); err != nil {
			return fmt.Errorf("city: grant of %s: %w", id, err)
		}
		t.granted[id] = m.Gen
	}
	return nil
}

// remember keeps the halls' lists at hand for answers that must be quick.
func (t *City) remember(ctx context.Context) {
	list, err := t.ledger.Halls(ctx)
	if err != nil {
		if ctx.Err() == nil {
			t.c.Log.Warn().Err(err).Msg("the database: trying again")
		}
		return
	}
	halls := make(map[hall.ID]*ledger.Hall, len(list))
	for i := range list {
		halls[list[i].ID] = &list[i]
	}
	t.layouts.Store(&halls)
}

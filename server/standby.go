package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"yitang/db"
	"yitang/server/api"
	"yitang/server/cert"
	"yitang/server/engine"
	"yitang/server/feed"
	"yitang/server/hall"
	"yitang/server/metrics"
	"yitang/server/route"
	"yitang/server/standby"
	"yitang/server/wire"
)

// shipEvery is how often a standby is told what is new, at most: this much of what was acknowledged may be on the way.
const shipEvery = 5 * time.Millisecond

// A server is the primary or a standby.
var (
	_ api.Servers = (*standby.Primary)(nil)
	_ api.Servers = (*standby.Follower)(nil)
	_ api.Hall    = (*standby.Follower)(nil)
)

// Follow says whose standby a server is; the zero value makes it the primary.
type Follow struct {
	URL     string // of the primary
	Token   string // of a device with the role standby
	Trust   *tls.Config
	Address string // under which the primary and clients reach this server; empty: where it listens
}

// follow is a standby until ctx ends, or until it is to be the primary: then the promotion comes with the connection of who
// ordered it.
func follow(ctx context.Context, c Config) (*standby.Promotion, net.Conn, error) {
	primary := standby.NewServer(c.Follow.URL, c.Follow.Token, c.Follow.Trust)
	if err := standby.Join(ctx, c.Dir, primary, c.Log); err != nil {
		return nil, nil, err
	}
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, nil, fmt.Errorf("server: cannot listen on %s: %w; choose another --listen", c.Listen, err)
	}
	defer ln.Close()
	data, err := db.Open(c.Dir)
	if err != nil {
		return nil, nil, err
	}
	defer data.Close() //nolint:errcheck // everything received is committed already
	key, err := OpenKey(ctx, data, c.Dir)
	if err != nil {
		return nil, nil, err
	}
	news, figures := feed.New(), metrics.New()
	f := &standby.Follower{DB: data, Primary: primary, Address: c.address(ln), Rule: route.Rule{}, Publish: news.Publish, Log: c.Log}
	if err := f.Load(ctx); err != nil {
		return nil, nil, err
	}
	figures.Hall(f.View, c.Now)
	parts := c.parts(data, news, figures, key)
	parts.Hall, parts.Servers = f, f
	return watch(ctx, c, f, ln, api.New(parts), data)
}

// watch runs the parts of a standby and stops them together.
func watch(ctx context.Context, c Config, f *standby.Follower, ln net.Listener, a *api.API, data *db.DB) (*standby.Promotion, net.Conn, error) {
	orders, err := standby.Listen(c.Dir)
	if err != nil {
		return nil, nil, err
	}
	var promoted *standby.Promotion
	kept := make(chan net.Conn, 1)
	working, stop := context.WithCancel(ctx)
	defer stop()
	g, failed := errgroup.WithContext(working)
	g.Go(func() error { return a.Serve(ln, c.TLS) })
	g.Go(func() error { f.Answer(failed, orders, kept); return nil })
	g.Go(func() error {
		defer stop()
		var err error
		promoted, err = f.Run(failed)
		return err
	})
	g.Go(func() error { return compactor(failed, c, f, data) })
	g.Go(func() error {
		<-failed.Done()
		return errors.Join(orders.Close(), a.Close())
	})
	c.Log.Info().Str("primary", c.Follow.URL).Uint64("events", f.View().Seq).Msg("this is the standby: it follows the primary and takes no command")
	if c.Ready != nil {
		c.Ready(ln.Addr())
	}
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return nil, nil, err
	}
	if promoted == nil {
		return nil, nil, nil
	}
	var conn net.Conn // nil when whoever ordered it was told that this server is being stopped
	select {
	case conn = <-kept:
	default:
	}
	if err := c.promote(context.WithoutCancel(ctx), data, *promoted); err != nil {
		standby.Tell(conn, *promoted, err)
		return nil, nil, err
	}
	return promoted, conn, nil
}

// compactor writes a standby's file anew at night, as the primary's purger does with its own.
func compactor(ctx context.Context, c Config, f *standby.Follower, data *db.DB) error {
	tick := time.NewTicker(purgeLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if !quiet(f.View(), c.Now()) {
				continue
			}
			if err := CompactDue(ctx, data, c.Now()); err != nil && ctx.Err() == nil {
				c.Log.Error().Err(err).Msg("purge")
			}
		}
	}
}

// promote puts the beginning of the new epoch on disk.
func (c Config) promote(ctx context.Context, data *db.DB, p standby.Promotion) error {
	if !p.Known {
		if err := standby.Remember(ctx, data, p.From, c.Follow.Token); err != nil {
			return err
		}
	}
	return TakeOver(ctx, data, c.Now, p)
}

// TakeOver makes a folder that nobody works on the primary's of an epoch.
func TakeOver(ctx context.Context, data *db.DB, now func() time.Time, p standby.Promotion) error {
	eng, err := engine.New(ctx, data, route.Rule{}, now, func(*hall.View) {})
	if err != nil {
		return err
	}
	return standby.Promote(ctx, data, func() error {
		return eng.Alone(ctx, hall.TakeOver{Epoch: p.Epoch, Planned: p.Planned, From: p.From, Place: data.Place()})
	})
}

// address is what others call this server.
func (c Config) address(ln net.Listener) string {
	if c.Follow.Address != "" {
		return c.Follow.Address
	}
	if c.TLS != nil {
		return "https://" + ln.Addr().String()
	}
	return "http://" + ln.Addr().String()
}

// mayOpen returns when this folder may be the primary's. While it asks the standbys, whoever looks is told so.
func mayOpen(ctx context.Context, c Config, data *db.DB) error {
	var lobby *http.Server
	defer func() {
		if lobby != nil {
			_ = lobby.Close()
		}
	}()
	return standby.May(ctx, data, c.Alone, c.others(""), func(peer string) {
		if lobby != nil {
			return
		}
		c.Log.Warn().Str("standby", peer).Msg("正在询问备用服务器是否已经接管：它没有应答之前本机不开放；确认它没有接管过，可用 --alone 启动")
		lobby = openLobby(c, peer)
	})
}

// others makes clients of the hall's other servers, which the hall's own authority vouches for, too.
func (c Config) others(token string) func(url string) *standby.Server {
	trust, err := cert.Trust(filepath.Join(c.Dir, cert.CAFile))
	if err != nil { // the hall has no authority of its own: the system's will do
		trust = c.Follow.Trust
	}
	return func(url string) *standby.Server { return standby.NewServer(url, token, trust) }
}

// openLobby tells in the hall's language why it is not open yet; nil when the address is taken.
func openLobby(c Config, peer string) *http.Server {
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil
	}
	if c.TLS != nil {
		ln = tls.NewListener(ln, c.TLS)
	}
	s := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "正在询问备用服务器 "+peer+" 是否已经接管大厅，请稍候。若备用服务器已停用，请管理员用 --alone 重新启动本机。\n")
	})}
	go func() { _ = s.Serve(ln) }() // ends with Close
	return s
}

// primary is this server as its standbys see it. Fenced is called when another one takes over.
func primary(ctx context.Context, c Config, data *db.DB, eng *engine.Engine, news *feed.Feed, fenced func()) (*standby.Primary, error) {
	p := &standby.Primary{DB: data, Dir: c.Dir, Hall: eng, News: news.Beat(feed.Every(shipEvery)).Subscribe, Log: c.Log, Fenced: fenced}
	return p, p.Load(ctx)
}

// chase tells an old primary that did not know, for as long as it does not.
func chase(ctx context.Context, c Config, data *db.DB, epoch int, address string) error {
	return standby.Chase(ctx, data, func(url, token string) *standby.Server { return c.others(token)(url) }, wire.Fence{Epoch: epoch, URL: address})
}

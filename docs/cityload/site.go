package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"github.com/rs/zerolog"

	"yitang/city/intake"
	"yitang/city/ledger"
	"yitang/city/line"
	"yitang/city/pg"
	"yitang/server/hall"
)

// site is a city on this machine: servers, database, intake.
type site struct {
	o       options
	dir     string
	servers []*line.Server
	urls    string
	city    nkeys.KeyPair
	keys    map[hall.ID]nkeys.KeyPair
	pg      *pg.Server
	stopPG  func() error
	nc      *nats.Conn
	js      jetstream.JetStream
	url     string // of the database
	ledger  *ledger.Ledger
	timed   *timed
	intake  *intake.Intake
	stop    context.CancelFunc
	ended   chan error
}

func newSite(ctx context.Context, o options) (*site, error) {
	dir, err := os.MkdirTemp("", "yitang-cityload-")
	if err != nil {
		return nil, err
	}
	s := &site{o: o, dir: dir, keys: map[hall.ID]nkeys.KeyPair{}, ended: make(chan error, 1)}
	for _, start := range []func(context.Context) error{s.startServers, s.startDatabase, s.startIntake} {
		if err := start(ctx); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

func hallID(i int) hall.ID { return hall.ID(fmt.Sprintf("hall-%04d", i)) }

func (s *site) startServers(context.Context) error {
	var err error
	if s.city, err = nkeys.CreateUser(); err != nil {
		return err
	}
	public, _ := s.city.PublicKey() // of a key that was just made
	halls := map[hall.ID]string{}
	for i := range max(s.o.Halls, 1) {
		k, err := nkeys.CreateUser()
		if err != nil {
			return err
		}
		s.keys[hallID(i)] = k
		halls[hallID(i)], _ = k.PublicKey()
	}
	listen, routes := ports(s.o.Servers), ports(s.o.Servers)
	started := make(chan error, s.o.Servers)
	s.servers = make([]*line.Server, s.o.Servers)
	for i := range s.o.Servers {
		c := line.Config{Name: fmt.Sprintf("n%d", i+1), Dir: filepath.Join(s.dir, fmt.Sprintf("stream-%d", i)), Listen: listen[i], City: public, Halls: halls}
		if s.o.Servers > 1 {
			c.Cluster, c.Route = "city", routes[i]
			c.Routes = routes
		}
		go func() {
			var err error
			s.servers[i], err = line.Serve(c)
			started <- err
		}()
		if s.urls != "" {
			s.urls += ","
		}
		s.urls += "nats://" + listen[i]
	}
	for range s.o.Servers {
		err = errors.Join(err, <-started)
	}
	return err
}

func ports(n int) []string {
	var list []string
	for range n {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return list
		}
		defer ln.Close()
		list = append(list, ln.Addr().String())
	}
	return list
}

func (s *site) startDatabase(ctx context.Context) (err error) {
	url := s.o.Database
	if url == "" {
		if s.pg, s.stopPG, err = pg.Temp(ctx, false); err != nil {
			return err
		}
		url = s.pg.URL
	}
	s.url = url
	s.ledger, err = ledger.Open(ctx, url)
	return err
}

// wait is how long a cluster may need to choose its leaders.
const wait = 30 * time.Second

func (s *site) startIntake(ctx context.Context) (err error) {
	public, _ := s.city.PublicKey() // of a key that was just made
	s.nc, err = nats.Connect(s.urls, nats.Nkey(public, s.city.Sign), nats.MaxReconnects(-1), nats.ReconnectWait(200*time.Millisecond), nats.Timeout(30*time.Second))
	if err != nil {
		return err
	}
	if s.js, err = jetstream.New(s.nc); err != nil {
		return err
	}
	s.timed = &timed{Ledger: s.ledger}
	for end := time.Now().Add(wait); ; time.Sleep(500 * time.Millisecond) {
		s.intake, err = intake.New(ctx, intake.Config{JS: s.js, Ledger: s.timed, Workers: s.o.Workers, Replicas: s.o.Servers,
			Log: zerolog.New(os.Stderr).Level(zerolog.ErrorLevel)})
		if err == nil || time.Now().After(end) {
			break
		}
	}
	if err != nil {
		return err
	}
	if !s.o.Apart {
		s.run(ctx)
	}
	return nil
}

// run takes in until close.
func (s *site) run(ctx context.Context) {
	ctx, s.stop = context.WithCancel(ctx)
	go func() { s.ended <- s.intake.Run(ctx) }()
}

func (s *site) close() {
	if s.stop != nil {
		s.stop()
		<-s.ended
	}
	if s.nc != nil {
		s.nc.Close()
	}
	if s.ledger != nil {
		s.ledger.Close()
	}
	if s.stopPG != nil {
		_ = s.stopPG()
	}
	for _, server := range s.servers {
		if server != nil {
			server.Close()
		}
	}
	_ = os.RemoveAll(s.dir)
}

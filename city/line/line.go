// Package line is the line between a city and its halls: the names of subjects, streams and buckets, what each hall's
// credential may do, and an embedded nats-server with JetStream for a city that has no cluster of its own. It is the only
// user of nats-server.
//
// Serve owns the server's goroutines until Close.
package line

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"yitang/server/hall"
)

// Config says how the embedded server runs.
type Config struct {
	Name   string      // of the server; unique in a cluster
	Dir    string      // of the stream on disk
	Listen string      // host:port for the halls
	TLS    *tls.Config // nil only for tests and loopback
	City   string      // public key (nkey) of the city itself, which may do everything
	Halls  map[hall.ID]string
	// Cluster is for several servers that keep copies of the stream: its name, this one's address, all others'.
	Cluster string
	Route   string
	Routes  []string
}

// What the server allows.
const (
	maxPayload  = 8 << 20         // a hall's lists, or a catalogue, in one message
	syncEvery   = 5 * time.Second // what a power cut at the city may lose; the halls send it again, see outbox
	authWithin  = 30              // seconds for a credential: all halls may come back at once
	startWithin = 30 * time.Second
	writeWithin = 10 * time.Second
	maxPending  = 64 << 20 // for one client before it counts as stuck
)

// Server is the embedded server.
type Server struct {
	s      *server.Server
	config Config
}

// Serve starts the embedded server.
func Serve(c Config) (*Server, error) {
	o, err := c.options()
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", c.Listen) // the message server says nothing of a port that is taken
	if err != nil {
		return nil, fmt.Errorf("line: cannot listen on %s: %w; choose another --line", c.Listen, err)
	}
	if err := ln.Close(); err != nil {
		return nil, fmt.Errorf("line: %w", err)
	}
	s, err := server.NewServer(o)
	if err != nil {
		return nil, fmt.Errorf("line: %w", err)
	}
	s.Start()
	if !s.ReadyForConnections(startWithin) {
		s.Shutdown()
		return nil, fmt.Errorf("line: the stream in %s cannot be opened; is another city using it?", c.Dir)
	}
	return &Server{s: s, config: c}, nil
}

func (c *Config) options() (*server.Options, error) {
	host, port, err := split(c.Listen)
	if err != nil {
		return nil, err
	}
	o := &server.Options{ServerName: c.Name, Host: host, Port: port, JetStream: true, StoreDir: c.Dir, NoSigs: true, NoLog: true,
		TLSConfig: c.TLS, MaxPayload: maxPayload, AuthTimeout: authWithin, SyncInterval: syncEvery, Nkeys: c.users(), WriteDeadline: writeWithin,
		MaxPending: maxPending, DisableShortFirstPing: true, JetStreamLimits: server.JSLimitOpts{}, NoAuthUser: ""}
	if c.TLS != nil {
		o.TLS, o.TLSTimeout = true, authWithin
	}
	if c.Cluster == "" {
		return o, nil
	}
	if o.Cluster.Host, o.Cluster.Port, err = split(c.Route); err != nil {
		return nil, err
	}
	o.Cluster.Name = c.Cluster
	for _, r := range c.Routes {
		o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: r})
	}
	return o, nil
}

// users are the credentials: the city's own and one for each hall.
func (c *Config) users() []*server.NkeyUser {
	list := []*server.NkeyUser{{Nkey: c.City}}
	for id, key := range c.Halls {
		may := PermissionsOf(id)
		list = append(list, &server.NkeyUser{Nkey: key, Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Allow: may.Publish}, Subscribe: &server.SubjectPermission{Allow: may.Subscribe}}})
	}
	return list
}

// Admit replaces the halls that may connect. One that may not any more is cut off at once.
func (s *Server) Admit(halls map[hall.ID]string) error {
	s.config.Halls = halls
	o, err := s.config.options()
	if err != nil {
		return err
	}
	if o.Port == 0 || o.Port == server.RANDOM_PORT { // the port of the start stays
		return errors.New("line: a server on any port cannot be changed")
	}
	if err := s.s.ReloadOptions(o); err != nil {
		return fmt.Errorf("line: halls: %w", err)
	}
	return nil
}

// URL is where this process reaches the server.
func (s *Server) URL() string { return s.s.ClientURL() }

// InProcess connects within the process.
func (s *Server) InProcess() nats.Option { return nats.InProcessServer(s.s) }

// Stored is how many bytes the stream takes on disk.
func (s *Server) Stored() uint64 {
	v, err := s.s.Jsz(&server.JSzOptions{})
	if err != nil {
		return 0
	}
	return v.Store
}

// Close stops the server; what was acknowledged is on disk.
func (s *Server) Close() {
	s.s.Shutdown()
	s.s.WaitForShutdown()
}

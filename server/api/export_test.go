package api

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"yitang/server/archive"
	"yitang/server/hall"
	"yitang/server/runonce"
	"yitang/server/wire"
)

// Registered lists what fiber answers under the API's own paths, as "METHOD /path/{name}", but HEAD, which belongs to GET.
func (a *API) Registered() []string {
	var list []string
	for _, r := range a.app.GetRoutes(true) {
		for _, prefix := range []string{"/api/v1", "/ws", "/healthz", "/readyz", "/metrics", "/tls-ca."} {
			if r.Method != http.MethodHead && strings.HasPrefix(r.Path, prefix) {
				list = append(list, r.Method+" "+openPath(r.Path))
			}
		}
	}
	return list
}

// Described is the description of the route table.
func (a *API) Described() (map[string]any, error) { return Describe(a.routes()) }

// Tracked is a listener whose connections are counted.
func Tracked(ln net.Listener) net.Listener { return newConnections().listen(ln) }

// Patience is a socket's with its reader.
func Patience(line interface{ SetReadDeadline(at time.Time) error }) (renew func() error, end func()) {
	p := &patience{line: line}
	return p.renew, p.end
}

// Timed is a status page's code drawn at a time.
func Timed(at time.Time, secret string) string { return timed(at, secret) }

// Told is what everybody is told of last month, from a history; nothing else is asked.
func Told(h Hall, past archive.Hall, now func() time.Time) func() (*wire.PublicMonth, error) {
	a := &API{Config: Config{Hall: h, History: past, Now: now}, reporting: make(chan struct{}, 1)}
	return func() (*wire.PublicMonth, error) { return a.lastMonth(context.Background(), h.View().Layout) }
}

// SearchDuringReport looks for an imported ticket while a report is being made.
func SearchDuringReport(ctx context.Context, past archive.Hall) error {
	a := &API{Config: Config{History: past}, reporting: make(chan struct{}, 1)}
	a.reporting <- struct{}{}
	_, err := a.searched(ctx, "t-1", runonce.Query{From: "2025-06-01", To: "2025-06-30"}, time.UTC)
	return err
}

// ReplayDuringReport replays days while a report is being made.
func ReplayDuringReport(ctx context.Context, past Past) error {
	a := &API{Config: Config{Past: past}, reporting: make(chan struct{}, 1)}
	a.reporting <- struct{}{}
	_, err := a.replayed(ctx, &hall.Layout{}, &hall.Layout{}, []hall.Day{"2025-06-03"})
	return err
}

package api_test

import (
	"cmp"
	"net"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/api"
	"yitang/server/feed"
	"yitang/server/metrics"
)

// serving starts an API on a free port of this machine, with what the test names and otherwise nothing: its address, and what
// Serve returns in the end.
func serving(t *testing.T, c api.Config) (a *api.API, url string, served <-chan error) {
	t.Helper()
	c.Metrics, c.Feed, c.Now, c.Pages, c.Log = metrics.New(), cmp.Or(c.Feed, feed.New()), time.Now, fstest.MapFS{}, zerolog.Nop()
	a = api.New(c)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Serve(ln, nil) }()
	return a, "http://" + ln.Addr().String(), ended
}

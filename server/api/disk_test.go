package api_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/api"
	"yitang/server/feed"
	"yitang/server/hall"
	"yitang/server/metrics"
	"yitang/server/person"
	"yitang/server/route"
	"yitang/server/wire"
)

var errFullDisk = errors.New("no space left")

// fullDisk cannot note that a session is in use.
type fullDisk struct{ oneClerk }

func (fullDisk) Touch(context.Context, []byte, time.Time) error { return errFullDisk }

// TestADiskInTroubleIsNamed: whatever fails for the disk's sake says so, and as of a hall that is away, so that kiosks go on.
func TestADiskInTroubleIsNamed(t *testing.T) {
	said := func(err error) string {
		if errors.Is(err, errFullDisk) {
			return "磁盘已满。"
		}
		return ""
	}
	a := api.New(api.Config{Hall: &slowHall{view: hall.New(route.Rule{}).View()}, Accounts: fullDisk{}, Metrics: metrics.New(), Feed: feed.New(), Now: time.Now,
		Key: person.Key{}, Pages: fstest.MapFS{}, Trouble: said, Log: zerolog.Nop()})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- a.Serve(ln, nil) }()
	req, err := http.NewRequest(http.MethodPost, "http://"+ln.Addr().String()+"/api/v1/windows/1/open", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer x")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(string(body), `"code":"disk","message":"磁盘已满。"`) {
		t.Errorf("%d %s %v", res.StatusCode, body, err)
	}
	if !wire.Unreachable(&wire.Error{Status: res.StatusCode}) {
		t.Error("a kiosk would not give out numbers of its own")
	}
	if err := errors.Join(a.Close(), <-served); err != nil {
		t.Error(err)
	}
}

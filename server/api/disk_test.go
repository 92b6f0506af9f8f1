package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"yitang/server/api"
	"yitang/server/hall"
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
	a, url, served := serving(t, api.Config{Hall: &slowHall{view: hall.New(route.Rule{}).View()}, Accounts: fullDisk{}, Trouble: said})
	req, err := http.NewRequest(http.MethodPost, url+"/api/v1/windows/1/open", strings.NewReader("{}"))
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

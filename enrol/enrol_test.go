package enrol_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"yitang/enrol"
	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

const patience = time.Minute

// looks asks the waiting page under a host's name until it says something.
func looks(t *testing.T, url, host, want string) {
	t.Helper()
	last := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			continue
		}
		b, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if last = string(b); strings.Contains(last, want) {
			if strings.Contains(last, "<script") || res.StatusCode == 200 && !strings.Contains(res.Header.Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("the page may run scripts: %v", res.Header)
			}
			return
		}
	}
	t.Fatalf("%s never said %q, last %q", url, want, last)
}

// TestADeviceIsLetIn: no token, a code on its screen, approval, a token in a file of its own; at the next start the kept one;
// after it was revoked a new code.
func TestADeviceIsLetIn(t *testing.T) {
	h := halltest.New(t, 1)
	c := enrol.Config{Hall: wire.New(h.URL, ""), Ask: wire.EnrolmentRequest{Role: "kiosk", Name: "kiosk-8"},
		File: filepath.Join(t.TempDir(), "token"), Listen: halltest.Address(t), Log: zerolog.Nop()}
	letIn := func() string {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), patience)
		defer stop()
		tokens := make(chan string, 1)
		go func() {
			token, err := enrol.Token(ctx, c)
			if err != nil {
				t.Error(err)
			}
			tokens <- token
		}()
		code := waiting(t, h)
		looks(t, "http://"+c.Listen+"/kiosk?lang=zh", c.Listen, code)
		looks(t, "http://"+c.Listen+"/", "evil.example", "own browser")
		h.Post(200, h.Tokens[account.System], "/api/v1/admin/enrolments/"+code+"/approve", "", nil)
		return <-tokens
	}
	first := letIn()
	if s := h.Get(200, first, "/api/v1/session"); !strings.Contains(string(s.Body), `"kiosk-8"`) {
		t.Errorf("session %s", s.Body)
	}
	info, err := os.Stat(c.File)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the token's file: %v %v", info, err)
	}
	if again, err := enrol.Token(t.Context(), c); again != first || err != nil {
		t.Errorf("at the next start: %v", err)
	}
	h.Post(200, h.Tokens[account.System], "/api/v1/admin/devices/kiosk-8/revoke", "", nil)
	if second := letIn(); second == first || second == "" {
		t.Error("a revoked device went on with the old token")
	}
	h.Stop()
	if away, err := enrol.Token(t.Context(), c); away == "" || err != nil {
		t.Errorf("while the hall is away: %v", err)
	}
	if err := os.Chmod(c.File, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := enrol.Token(t.Context(), c); err == nil {
		t.Error("a token that everybody can read was used")
	}
}

// waiting is the code of the device that waits.
func waiting(t *testing.T, h *halltest.Hall) string {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		list := halltest.Into[wire.Devices](h, h.Get(200, h.Tokens[account.System], "/api/v1/admin/devices"))
		if len(list.Waiting) == 1 {
			return list.Waiting[0].Code
		}
	}
	t.Fatal("no device waits")
	return ""
}

// TestRefusedForGood: a device that the hall cannot have does not wait for ever.
func TestRefusedForGood(t *testing.T) {
	h := halltest.New(t, 1)
	_, err := enrol.Token(t.Context(), enrol.Config{Hall: wire.New(h.URL, ""), Ask: wire.EnrolmentRequest{Role: "counter", Name: "pad", Window: "99"},
		File: filepath.Join(t.TempDir(), "token"), Log: zerolog.Nop()})
	if err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("a counter of a window that is not there: %v", err)
	}
}

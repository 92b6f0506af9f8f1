package main_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"yitang/server/account"
	"yitang/server/halltest"
)

// shown waits until an address of this PC shows something, and returns what matched.
func shown(t *testing.T, url string, want *regexp.Regexp) string {
	t.Helper()
	last := ""
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for deadline := time.Now().Add(pageTime); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		res, err := client.Get(url)
		if err != nil {
			continue
		}
		b, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		last = string(b) + res.Header.Get("Location")
		if got := want.FindString(last); got != "" {
			return got
		}
	}
	t.Fatalf("%s never showed %s, last %q", url, want, last)
	return ""
}

// TestDevicesComeInByTheirCode starts a kiosk and a counter's display without tokens: each shows a code on its screen, is
// let in, works, is revoked, and shows another code by itself.
func TestDevicesComeInByTheirCode(t *testing.T) {
	t.Parallel()
	h := halltest.New(t, 1)
	code := regexp.MustCompile(`\d{3}-\d{3}`)
	letIn := func(code string) {
		t.Helper()
		h.Post(200, h.Tokens[account.System], "/api/v1/admin/enrolments/"+code+"/approve", "", nil)
	}
	for _, c := range []struct {
		name, device string
		args         []string
		page         string
		works        *regexp.Regexp
	}{
		{"kiosk", "kiosk-1", []string{"kiosk", "--listen"}, "/kiosk", regexp.MustCompile(`assets/kiosk`)},
		{"display", "counter-1", []string{"display", "--screen", "window-1", "--rate", "--sound", "off", "--page"}, "/", regexp.MustCompile(`/rating/1\?token=`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			addr, dir := halltest.Address(t), t.TempDir()
			cmd := exec.Command(buildYitang(t), append(c.args, addr, "--server", h.URL, "--dir", dir)...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
			})
			url := "http://" + addr + c.page
			first := shown(t, url, code)
			letIn(first)
			shown(t, url, c.works)
			info, err := os.Stat(filepath.Join(dir, "token"))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the token: %v %v", info, err)
			}
			h.Post(200, h.Tokens[account.System], "/api/v1/admin/devices/"+c.device+"/revoke", "", nil)
			if second := shown(t, url, code); second == first {
				t.Errorf("the same code %s again", second)
			}
		})
	}
}

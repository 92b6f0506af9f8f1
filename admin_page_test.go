package main_test

import (
	"bufio"
	"context"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/go-rod/rod"

	"yitang/server/halltest"
	"yitang/server/wire"
)

// consoleCode starts `yitang serve` and reads the one-time code off its console.
func consoleCode(t *testing.T, binary, dir, addr string) string {
	t.Helper()
	cmd := exec.Command(binary, "serve", "--dir", dir, "--listen", addr)
	shown, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	codes := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(shown)
		for lines.Scan() {
			if code := regexp.MustCompile(`[2-9A-Z]{4}-[2-9A-Z]{4}`).FindString(lines.Text()); code != "" {
				codes <- code
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	select {
	case code := <-codes:
		return code
	case <-time.After(pageTime):
		t.Fatal("no code on the console")
	}
	return ""
}

// fill types into fields by test id, then presses the last one.
func fill(p *rod.Page, fields [][2]string, press string) {
	for _, f := range fields {
		at(p, f[0]).MustSelectAllText().MustInput(f[1])
	}
	at(p, press).MustClick()
}

// TestAdministratorsPage goes the way of a new hall on the page: the code, the first administrator, a security administrator
// who has to change the password, an account that takes both of them, and a kiosk let in by its code.
func TestAdministratorsPage(t *testing.T) {
	t.Parallel()
	binary, dir, addr := buildYitang(t), t.TempDir(), halltest.Address(t)
	if _, stderr, code := yitang(t, "import", "--dir", dir, "--example"); code != 0 {
		t.Fatal(stderr)
	}
	code := consoleCode(t, binary, dir, addr)
	url := "http://" + addr + "/admin"
	b := startBrowser(t)
	system := open(t, b, url, 1366, 768)
	fill(system, [][2]string{{"setup-code", code}, {"setup-user", "zhang"}, {"setup-name", "张三"}, {"setup-password", "Correct-horse-9"},
		{"setup-again", "Correct-horse-9"}}, "setup-go")
	fill(system, [][2]string{{"open-user", "li"}, {"open-name", "李四"}}, "open-go") // the page proposes who is missing: security
	password := at(system, "slip").MustText()
	at(system, "slip-away").MustClick()

	security := open(t, b, url, 1366, 768)
	fill(security, [][2]string{{"login-user", "li"}, {"login-password", password}}, "login-submit")
	fill(security, [][2]string{{"password-new", "My-own-horse-7"}, {"password-again", "My-own-horse-7"}}, "password-go")
	at(security, "account-zhang")

	at(system, "role").MustSelect("窗口人员")
	fill(system, [][2]string{{"open-user", "wang"}, {"open-name", "王五"}}, "open-go")
	waitText(t, system, "account-wang", "等待批准")
	security.MustReload()
	at(security, "approve-wang").MustClick()
	at(security, "rights-go").MustClick()
	waitText(t, security, "account-wang", "须改密码")
	if first := at(security, "slip").MustText(); len(first) < 20 {
		t.Errorf("the clerk's password is %q", first)
	}

	kiosk := wire.New("http://"+addr, "")
	ctx, stop := context.WithTimeout(t.Context(), pageTime)
	defer stop()
	asked, err := kiosk.Enrol(ctx, wire.EnrolmentRequest{Role: "kiosk", Name: "kiosk-1"})
	if err != nil {
		t.Fatal(err)
	}
	at(system, "part-devices").MustClick()
	at(system, "approve-kiosk-1").MustClick()
	at(system, "revoke-kiosk-1")
	got, err := kiosk.Enrolled(ctx, asked.Secret)
	if err != nil || got.Token == "" || got.Device != "kiosk-1" {
		t.Errorf("the kiosk: %+v, %v", got, err)
	}
}

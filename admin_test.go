package main_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yitang/db"
	"yitang/server/hall"
	"yitang/server/halltest"
)

func TestAdminUserWantsAHallAndOneOfItsWindows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	nowhere := filepath.Join(dir, "mistyped")
	if _, stderr, code := yitang(t, "admin", "user", "--dir", nowhere, "li"); code != 1 || !strings.Contains(stderr, "no hall here") {
		t.Errorf("a folder without a hall: %d %s", code, stderr)
	}
	if _, err := os.Stat(nowhere); err == nil {
		t.Error("a mistyped folder became a hall")
	}
	if _, stderr, code := yitang(t, "import", "--dir", dir, "--example"); code != 0 {
		t.Fatal(stderr)
	}
	if _, stderr, code := yitang(t, "admin", "user", "--dir", dir, "li", "--window", "99"); code != 1 || !strings.Contains(stderr, "it has 1, 2") {
		t.Errorf("a window that is not there: %d %s", code, stderr)
	}
	if stdout, stderr, code := yitang(t, "admin", "user", "--dir", dir, "li", "--window", "3"); code != 0 || !strings.HasPrefix(stdout, "li: password ") {
		t.Errorf("an account: %d %s%s", code, stdout, stderr)
	}
}

// TestAdminOnTheConsole: what the administrators do on their page the machine's owner can do, whether the hall is stopped or
// runs, and the journal has all of it.
func TestAdminOnTheConsole(t *testing.T) {
	t.Parallel()
	t.Run("stopped", func(t *testing.T) { adminOnTheConsole(t, false) })
	t.Run("running", func(t *testing.T) { adminOnTheConsole(t, true) })
}

func adminOnTheConsole(t *testing.T, runs bool) {
	dir := t.TempDir()
	run := func(want int, args ...string) (string, string) {
		t.Helper()
		stdout, stderr, code := yitang(t, append([]string{args[0], args[1], "--dir", dir}, args[2:]...)...)
		if code != want {
			t.Fatalf("%v: %d %s%s", args, code, stdout, stderr)
		}
		return stdout, stderr
	}
	if _, stderr, code := yitang(t, "import", "--dir", dir, "--example"); code != 0 {
		t.Fatal(stderr)
	}
	if runs {
		served(t, dir)
	}
	for _, role := range []string{"system", "security", "audit", "manager"} {
		run(0, "admin", "user", role, "--role", role)
	}
	run(0, "admin", "user", "li", "--window", "3")
	run(0, "admin", "user", "li") // only another password
	run(0, "admin", "user", "manager")
	run(0, "admin", "users", "--suspend", "li")
	if out, _ := run(0, "admin", "users", "--json"); !strings.Contains(out, `"user":"li","name":"li","role":"clerk","window":"3","state":"suspended","must_change":true`) || !strings.Contains(out, `"user":"manager","name":"manager","role":"manager"`) {
		t.Errorf("users: %s", out)
	}
	run(0, "admin", "users", "--restore", "li")
	run(0, "admin", "users", "--unlock", "li")
	run(0, "admin", "users", "--close", "li")
	run(1, "admin", "users", "--restore", "li")
	run(1, "admin", "user", "li")
	run(1, "admin", "users", "--suspend", "nobody")
	run(2, "admin", "users", "--suspend", "manager", "--close", "manager")
	first, _ := run(0, "admin", "device", "kiosk-1")
	if second, _ := run(0, "admin", "device", "kiosk-1"); second == first || !strings.HasPrefix(second, "kiosk-1: token ") {
		t.Errorf("another token: %s", second)
	}
	run(1, "admin", "device", "manager")
	run(1, "admin", "user", "kiosk-1")
	if out, _ := run(0, "admin", "devices", "--revoke", "kiosk-1"); !strings.Contains(out, "suspended") {
		t.Errorf("devices: %s", out)
	}
	settings, _ := run(0, "admin", "settings")
	file := filepath.Join(t.TempDir(), "settings.json")
	for _, c := range []struct{ old, new, want string }{{"示例", "新", ""}, {`"calls": 3`, `"calls": 99`, "desk.calls"}, {`"base"`, `"bass"`, "bass"}} {
		if err := os.WriteFile(file, []byte(strings.Replace(settings, c.old, c.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, code := yitang(t, "admin", "settings", "--dir", dir, file)
		if (code == 0) != (c.want == "") || !strings.Contains(stderr, c.want) || code == 0 && !strings.Contains(stdout, c.new) {
			t.Errorf("%s: %d %s%s", c.new, code, stdout, stderr)
		}
	}
	var acts []string
	for _, l := range linesOf(t, dir) {
		if !strings.HasPrefix(string(l.Actor), "console:") || l.Access.Source != "console" {
			t.Errorf("line %+v", l)
		}
		acts = append(acts, string(l.Access.What)+" "+l.Access.User)
	}
	want := "device_revoked kiosk-1, device_enrolled kiosk-1, device_enrolled kiosk-1, account_closed li, account_unlocked li, account_restored li, " +
		"account_blocked li, password_given manager, password_given li, account_made li, account_made manager, account_made audit, account_made security, account_made system"
	if got := strings.Join(acts, ", "); got != want {
		t.Errorf("the journal has %s, want %s", got, want)
	}
	if stdout, stderr, code := yitang(t, "verify", "--dir", dir); code != 0 {
		t.Errorf("verify: %s%s", stdout, stderr)
	}
}

// linesOf is what the auditor would read, the newest first.
func linesOf(t *testing.T, dir string) []hall.Line {
	t.Helper()
	data, err := db.Reader(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	list, err := data.Lines(t.Context(), hall.LineFilter{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// served runs a hall's server until the test ends, and returns its address.
func served(t *testing.T, dir string) string {
	t.Helper()
	at := halltest.Address(t)
	running(t, "serve", "--dir", dir, "--listen", at)
	for until := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		_, missing := os.Stat(filepath.Join(dir, "admin.sock"))
		if r, err := http.Get("http://" + at + "/healthz"); err == nil {
			_ = r.Body.Close()
			if missing == nil {
				return at
			}
		}
		if time.Now().After(until) {
			t.Fatal("the hall does not answer")
		}
	}
}

// A device that the console lets into a running hall works at once, and is refused at once after the console has revoked it. The
// socket is nobody else's. What else works on the folder takes no errands, and says what to do.
func TestTheConsoleOfARunningHall(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("a-folder-with-a-long-name-", 5)) // a socket's own path may have 107 bytes
	if _, stderr, code := yitang(t, "import", "--dir", dir, "--example"); code != 0 {
		t.Fatal(stderr)
	}
	at := served(t, dir)
	out, stderr, code := yitang(t, "admin", "device", "--dir", dir, "kiosk-9")
	_, token, ok := strings.Cut(strings.TrimSpace(out), ": token ")
	if code != 0 || !ok {
		t.Fatalf("%d %s%s", code, out, stderr)
	}
	asks := func(want int) {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, "http://"+at+"/api/v1/catalogue", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("the device is answered %d, want %d", r.StatusCode, want)
		}
	}
	asks(200)
	if _, stderr, code := yitang(t, "admin", "devices", "--dir", dir, "--revoke", "kiosk-9"); code != 0 {
		t.Fatal(stderr)
	}
	asks(401)
	if out, stderr, code := yitang(t, "admin", "clock", "--dir", dir); code != 0 || !strings.Contains(out, ": right") {
		t.Errorf("the clock: %d %s%s", code, out, stderr)
	}
	if _, stderr, code := yitang(t, "admin", "clock", "--dir", dir, "--right", "2036-01-01"); code != 1 || !strings.Contains(stderr, "set the clock first") {
		t.Errorf("another day than the clock's: %d %s", code, stderr)
	}
	if out, stderr, code := yitang(t, "purge", "--dir", dir); code != 0 || !strings.Contains(out, "0 records of 0 business days purged") {
		t.Errorf("a purge of the running hall: %d %s%s", code, out, stderr)
	}
	disclosed(t, dir, 1, "110105194912310021\n") // its check digit is wrong
	if out, _ := disclosed(t, dir, 0, "11010519491231002X\n"); !strings.Contains(out, `"tickets": []`) {
		t.Errorf("what the running hall keeps about somebody: %s", out)
	}
	if l := linesOf(t, dir)[0]; l.Access.What != "person_disclosed" || l.Access.Note != "张三：身份证原件" || l.Access.Source != "console" || !strings.HasPrefix(string(l.Actor), "console:") {
		t.Errorf("the access record: %+v", l)
	}
	if info, err := os.Stat(filepath.Join(dir, "admin.sock")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v %v", info, err)
	}
	other := t.TempDir()
	if _, stderr, code := yitang(t, "import", "--dir", other, "--example"); code != 0 {
		t.Fatal(stderr)
	}
	data, err := db.Open(other)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	if _, stderr, code := yitang(t, "admin", "users", "--dir", other); code != 1 || !strings.Contains(stderr, "do it at the primary") {
		t.Errorf("a folder in use without a console: %d %s", code, stderr)
	}
}

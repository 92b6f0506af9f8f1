package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yitang/db"
	"yitang/server/hall"
)

func TestAdminUserWantsAHallAndOneOfItsWindows(t *testing.T) {
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

// TestAdminOnTheConsole: what the administrators do on their page the machine's owner can do while the hall is not running,
// and the journal has all of it.
func TestAdminOnTheConsole(t *testing.T) {
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
	for _, role := range []string{"system", "security", "audit", "manager"} {
		run(0, "admin", "user", role, "--role", role)
	}
	run(0, "admin", "user", "li", "--window", "3")
	run(0, "admin", "users", "--suspend", "li")
	if out, _ := run(0, "admin", "users", "--json"); !strings.Contains(out, `"user":"li","name":"li","role":"clerk","window":"3","state":"suspended"`) {
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
		"account_blocked li, account_made li, account_made manager, account_made audit, account_made security, account_made system"
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

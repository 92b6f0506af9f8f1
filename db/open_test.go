package db_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/hall"
)

// TestPragmas holds the settings on which a printed ticket's life depends.
func TestPragmas(t *testing.T) {
	b := newBook(t)
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "5000", "query_only": "0", "wal_autocheckpoint": "4000"} {
		if got := ask(t, b.d.Writer(), "PRAGMA "+pragma); got != want {
			t.Errorf("the writer's %s is %s, want %s", pragma, got, want)
		}
	}
	for pragma, want := range map[string]string{"query_only": "1", "busy_timeout": "5000"} {
		if got := ask(t, b.d.Readers(), "PRAGMA "+pragma); got != want {
			t.Errorf("a reader's %s is %s, want %s", pragma, got, want)
		}
	}
	if n := b.d.Writer().Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d writing connections", n)
	}
}

func ask(t *testing.T, q *sql.DB, query string) string {
	t.Helper()
	var s string
	if err := q.QueryRow(query).Scan(&s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

// TestReadersRefuseWrites tries each kind of write on every reading connection.
func TestReadersRefuseWrites(t *testing.T) {
	b := lived(t)
	for _, s := range []string{"DELETE FROM tickets", "UPDATE tickets SET note = 'x'", "CREATE TABLE x (a INT)", "DROP TABLE tokens",
		"INSERT INTO accounts (user, name, role) VALUES ('x', 'x', 'manager')"} {
		_, err := b.d.Readers().Exec(s)
		var no sqlite3.Error
		if !errors.As(err, &no) || no.Code != sqlite3.ErrReadonly {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// TestStrict holds every table to STRICT: a number stays a number.
func TestStrict(t *testing.T) {
	b := newBook(t)
	rows, err := b.d.Writer().Query("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var name string
		var strict bool
		if err := rows.Scan(&name, &strict); err != nil {
			t.Fatal(err)
		}
		if n++; !strict {
			t.Errorf("table %s is not STRICT", name)
		}
	}
	if rows.Err() != nil || n < 7 {
		t.Errorf("%d tables, %v", n, rows.Err())
	}
}

// pinned are the hashes of the migrations as they were released. A migration that has run somewhere never changes: write
// the next one and pin it here.
func pinned() []string {
	return []string{
		"0001_journal.sql 59dbacfd5c8f38aea7d300ccceec77f670d181132ff778935c1e73bf5afc3a0e",
		"0002_accounts.sql 098e1b73889101d6f52c616c9d2f2e2c36fc66b7887019b197be0b42119b8cc3",
		"0003_replace.sql 659a04af10b5409448464f084f61268bd3d0162b4c9cf2d2d14605e8c5064e7b",
		"0004_routing.sql c2f6a02a95af81b24561b7623120d062e83d58544d214beaa5a2fe777b614725",
		"0005_screens.sql 378a22681ab945373223a96e8902facc503b5ae674e895896261dee4d20fd8bd",
		"0006_cases.sql 519dde15520050fb08b7c12cb4f73647fa91e7b19f4705a79779a1ff6e4d4bd7",
		"0007_past.sql 557cc10421d87e038445cba4203debf1d17f8cdacaea8d85ca6275285a2d150a",
		"0008_logins.sql 64d8c66859ab6912247c4a113c54a204b4bb64df4ddbc0d2f445b5c87229cac0",
		"0009_told.sql 848dd5296bba08f74d3a1e29063dcf2e5d93c6d99bf1667e428fb9cd0d76fb38",
		"0010_webhooks.sql 6682c239b16920c04ef35489e736f2a77264d2af46a5feb5dd8c028f1cbc8328",
		"0011_leads.sql a8825e102fbb35377c1a7e8b50d0b3b83c660f19df9274d26f2cf241fe37c16e",
		"0012_sent_on.sql cff56f08c3921bd185a131f82243e3df3d9eedb2f24fe5aa84f99957ed2b515c",
		"0013_administration.sql af605b7a7b3162921e113bfc418439ac91facde9f34950c98cbc7c1ed340cb42",
		"0014_appointments.sql 0d5c4221e226ed7d1e9e1f08148755b6fe71b6625bfc342dd284bc40e38616af",
		"0015_reports.sql 9e9135ad14f08aebac0e1519aa7cf2ca6b23df67428391db8e862b6c5c9cb273",
		"0016_trust.sql d70b35b31acd89a18df68e8c06c300c5e49d7451791e52bdc84f542ea521af9b",
		"0017_answers.sql 1032bb3d52b59ba8e113edc2ed84816cde13a856c4fcdb756e58bc59307d33a0",
		"0018_heads.sql 7571bc85236fe4af8a87f183d9175b482551d9ea0c11152f05b0232209a54c10",
		"0019_turns.sql 3c7785f4f7fd6930f51d8a58e856d263803fb245621eeb14b8ce210e9dfaefe8",
		"0020_closings.sql b8451953cca3269ee8d2d7d933e3b8a7aed40d0924f0371fb3a1a48752fec694",
		"0021_reopenings.sql 5a19e8e9a9220f340ed8c72f64143486934bf98478c5be4c3f41b0b468ac536b",
	}
}

func TestMigrationsArePinned(t *testing.T) {
	files, err := fs.Glob(db.Migrations(), "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for i, f := range files {
		text, err := fs.ReadFile(db.Migrations(), f)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(filepath.Base(f), fmt.Sprintf("%04d_", i+1)) {
			t.Errorf("%s is not number %d", f, i+1)
		}
		sum := sha256.Sum256(text)
		have = append(have, filepath.Base(f)+" "+hex.EncodeToString(sum[:]))
	}
	for i, want := range pinned() {
		if i >= len(have) || have[i] != want {
			t.Errorf("migration %d is not the one that was released:\nhave %q\nwant %q", i+1, have[min(i, len(have)-1)], want)
		}
	}
	for _, fresh := range have[min(len(have), len(pinned())):] {
		t.Errorf("pin the new migration: %q", fresh)
	}
}

// TestNewerFile refuses data of a newer program and leaves them as they are.
func TestNewerFile(t *testing.T) {
	b := newBook(t)
	b.close()
	w := b.raw()
	if _, err := w.Exec("PRAGMA user_version = 999"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	_, err := db.Open(b.dir)
	if err == nil || !strings.Contains(err.Error(), "newer Yitang") || !strings.Contains(err.Error(), "999") {
		t.Errorf("a newer file: %v", err)
	}
	if got := ask(t, b.raw(), "PRAGMA user_version"); got != "999" {
		t.Errorf("the version became %s", got)
	}
}

// TestNoHall refuses files that are none, with a sentence, and lets the folder go.
func TestNoHall(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, db.File)
	if err := os.WriteFile(path, []byte(strings.Repeat("this is a letter, not a hall. ", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time, too: the first did not keep the lock
		_, err := db.Open(dir)
		if err == nil || errors.Is(err, db.ErrInUse) || !strings.Contains(err.Error(), "db:") {
			t.Errorf("a letter was opened: %v", err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOneProcess(t *testing.T) {
	b := newBook(t)
	_, err := db.Open(b.dir)
	if !errors.Is(err, db.ErrInUse) || !strings.Contains(err.Error(), b.dir) {
		t.Errorf("a second Open: %v", err)
	}
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")}) // the refused Open did the open hall no harm
	b.close()
	b.open()
}

// TestStrangePaths opens halls in folders whose names mean something in a URL.
func TestStrangePaths(t *testing.T) {
	for _, name := range []string{"a b", "a?mode=ro", "a#b", "100%25", "大厅", "a&b=c", "a+b"} {
		dir := filepath.Join(t.TempDir(), name, "below")
		d, err := db.Open(dir)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, db.File)); err != nil {
			t.Errorf("%s: the file is elsewhere: %v", name, err)
		}
		if err := d.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPrivate: the folder and the file hold pseudonyms and hashes of passwords.
func TestPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hall")
	d, err := db.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has the mode %v, %v", info.Mode(), err)
	}
}

func TestAccounts(t *testing.T) {
	b := newBook(t)
	ctx, now := t.Context(), time.UnixMilli(int64(start))
	a := account.Account{User: "li", Name: "李", Role: account.Clerk, Window: "3", Password: "hash"}
	if err := b.d.PutToken(ctx, account.Token{Digest: account.Digest("early"), User: "li", Made: now}); err == nil {
		t.Error("a token was kept for nobody")
	}
	if err := b.d.PutAccount(ctx, a); err != nil {
		t.Fatal(err)
	}
	a.Name, a.Window, a.State, a.MustChange = "李四", "4", account.Active, true
	if err := b.d.PutAccount(ctx, a); err != nil {
		t.Fatal(err)
	}
	for token, kept := range map[string]account.Token{"ever": {}, "today": {Lives: time.Hour}, "idle": {Idle: time.Hour}} {
		kept.Digest, kept.User, kept.Made = account.Digest(token), "li", now
		if err := b.d.PutToken(ctx, kept); err != nil {
			t.Fatal(err)
		}
	}
	b.close()
	b.open()
	if got, err := b.d.Account(ctx, "li"); err != nil || got == nil || *got != a {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := b.d.Account(ctx, "wang"); got != nil || err != nil {
		t.Errorf("nobody is %+v, %v", got, err)
	}
	bearer := func(token string, at time.Time, want bool) {
		t.Helper()
		got, err := b.d.Bearer(ctx, account.Digest(token), at)
		if err != nil || (got != nil) != want || want && *got != a {
			t.Errorf("%s: %+v, %v", token, got, err)
		}
	}
	bearer("ever", now.AddDate(20, 0, 0), true)
	bearer("today", now.Add(time.Hour-1e6), true)
	bearer("today", now.Add(time.Hour), false)
	bearer("wrong", now, false)
	bearer("idle", now.Add(time.Hour-1e6), true)
	bearer("idle", now.Add(time.Hour), false)
	if err := b.d.Touch(ctx, account.Digest("idle"), now.Add(40*time.Minute)); err != nil {
		t.Fatal(err)
	}
	bearer("idle", now.Add(100*time.Minute-1e6), true)
	bearer("idle", now.Add(100*time.Minute), false)
	if err := b.d.DropToken(ctx, account.Digest("ever")); err != nil {
		t.Fatal(err)
	}
	bearer("ever", now, false)
}

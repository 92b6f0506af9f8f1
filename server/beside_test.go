package server_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/halltest"
	"yitang/server/route"
	"yitang/server/webhook"
)

// An act and what it changes are on disk together or not at all: with a fault between them nothing is there, no answer is kept,
// and the same request under the same key does the whole of it later.
func TestAnActAndWhatItChangesAreOne(t *testing.T) {
	suspended := account.Account{User: "clerk1", Name: "clerk1", Role: account.Clerk, Window: "1", State: account.Suspended}
	token := account.Token{Digest: account.Digest("new"), User: "kiosk", Source: "console", Made: time.Now()}
	for name, c := range map[string]struct {
		beside any
		table  string // whose writing fails
		done   string // counts what is there afterwards
	}{
		"an account": {&account.Change{Put: []account.Account{suspended}, End: []string{"clerk1"}}, "INSERT ON accounts", `SELECT count(*) FROM accounts WHERE user = 'clerk1' AND state = 'suspended'`},
		"its sessions": {&account.Change{Put: []account.Account{suspended}, End: []string{"clerk1"}}, "DELETE ON tokens",
			`SELECT (SELECT count(*) FROM accounts WHERE state = 'suspended') AND NOT (SELECT count(*) FROM tokens WHERE user = 'clerk1')`},
		"a device": {&account.Change{End: []string{"kiosk"}, Tokens: []account.Token{token}}, "INSERT ON tokens",
			`SELECT count(*) FROM tokens WHERE user = 'kiosk' AND source = 'console'`},
		"a password": {&account.Change{Passwords: []account.Account{{User: "clerk1", Password: "x"}}}, "UPDATE ON accounts", `SELECT count(*) FROM accounts WHERE password = 'x'`},
		"a lock":     {&account.Change{Tries: map[string]account.Tries{"user:clerk1": {Failures: 3, Last: time.Now()}}}, "INSERT ON login_tries", `SELECT count(*) FROM login_tries`},
		"a webhook": {&webhook.Change{Put: &webhook.Hook{ID: "p", URL: "http://p", Secret: "0123456789abcdef", Topics: []webhook.Topic{webhook.Cases}, Algorithm: webhook.SM3}},
			"INSERT ON webhooks", `SELECT count(*) FROM webhooks`},
		"the list of standbys": {&db.MarkSet{Name: db.MarkPeers, Value: `["http://b"]`}, "INSERT ON marks", `SELECT count(*) FROM marks WHERE value = '["http://b"]'`},
	} {
		t.Run(name, func(t *testing.T) {
			h := halltest.Make(t, 1)
			record := hall.RecordAccess{What: hall.AccountChanged, User: "clerk1"}
			req := engine.Request{Actor: "security:wang", Key: "k", Command: record, Beside: c.beside, Answer: func(*hall.State, []hall.Event) []byte { return []byte("done") }}
			before := h.Verify()
			count := func() (n int) {
				t.Helper()
				raw(t, h.Dir, func(w *sql.DB) error { return w.QueryRow(c.done).Scan(&n) })
				return n
			}
			was := count()
			raw(t, h.Dir, func(w *sql.DB) error {
				_, err := w.Exec("CREATE TRIGGER fault BEFORE " + c.table + " BEGIN SELECT RAISE(ABORT, 'a fault'); END")
				return err
			})
			if _, err := once(t, h.Dir, req); !errors.Is(err, engine.ErrStopped) {
				t.Fatalf("with a fault: %v", err)
			}
			raw(t, h.Dir, func(w *sql.DB) error { _, err := w.Exec("DROP TRIGGER fault"); return err })
			if n := h.Verify(); n != before || count() != was {
				t.Errorf("after the fault: %d events, %d before; %d are done", n, before, count())
			}
			for range 2 { // the second is answered again and does nothing
				if answer, err := once(t, h.Dir, req); err != nil || string(answer) != "done" {
					t.Fatalf("%q %v", answer, err)
				}
				if n := h.Verify(); n != before+1 || count() != 1 {
					t.Errorf("after the retry: %d events, %d before; %d are done", n, before, count())
				}
			}
		})
	}
}

// raw works on a hall's file past the hall.
func raw(t *testing.T, dir string, do func(w *sql.DB) error) {
	t.Helper()
	w, err := sql.Open("sqlite3", filepath.Join(dir, db.File))
	if err == nil {
		err = errors.Join(do(w), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// once asks one thing of a hall that is started for it.
func once(t *testing.T, dir string, req engine.Request) ([]byte, error) {
	t.Helper()
	data, err := db.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	eng, err := engine.New(t.Context(), data, route.Rule{}, time.Now, func(*hall.View) {})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- eng.Run(ctx) }()
	answer, err := eng.Do(t.Context(), req)
	stop()
	if failed := <-ended; (failed == nil) != (err == nil) {
		t.Errorf("the hall ended with %v, the request with %v", failed, err)
	}
	return answer, err
}

package ledger_test

import (
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"yitang/city/ledger"
	"yitang/server/account"
)

// TestFailedTogether: logins that fail at the same moment count as many as they are, and a success forgets them.
func TestFailedTogether(t *testing.T) {
	l, _ := fresh(t)
	now := time.Now().Truncate(time.Millisecond)
	var g errgroup.Group
	for range account.AccountFailures {
		g.Go(func() error { return l.Failed(t.Context(), "user:li", account.AccountFailures, now) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Duration]int{0: 1, account.LockFor - time.Second: 1, account.LockFor: 0} {
		if list, err := l.Locked(t.Context(), now.Add(at)); err != nil || len(list) != want {
			t.Errorf("after %s: %v %v", at, list, err)
		}
	}
	if err := l.Unlock(t.Context(), "user:li"); err != nil {
		t.Fatal(err)
	}
	if list, err := l.Locked(t.Context(), now); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
}

// TestSessions: a session is found by its token alone, is kept through a rebuild, and is forgotten when a later login finds it idle.
func TestSessions(t *testing.T) {
	l, _ := fresh(t)
	const idle = 30 * time.Minute
	now := time.Now().Truncate(time.Millisecond)
	put := func(token string, at time.Time) {
		t.Helper()
		if err := l.PutSession(t.Context(), account.Digest(token), ledger.Session{User: "li", Password: []byte("x"), Made: at, Seen: at}, idle); err != nil {
			t.Fatal(err)
		}
	}
	is := func(token string) bool {
		t.Helper()
		s, err := l.Session(t.Context(), account.Digest(token))
		if err != nil {
			t.Fatal(err)
		}
		return s != nil && s.User == "li"
	}
	put("a", now)
	put("b", now)
	if err := l.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.TouchSession(t.Context(), account.Digest("b"), now.Add(idle)); err != nil {
		t.Fatal(err)
	}
	if !is("a") || !is("b") || is("c") {
		t.Error("a session is not kept")
	}
	put("c", now.Add(idle+time.Minute))
	if is("a") || !is("b") || !is("c") {
		t.Error("an idle session is kept, or one that was used is not")
	}
	if err := l.DropSession(t.Context(), account.Digest("c")); err != nil || is("c") {
		t.Error("a session outlives its end", err)
	}
}

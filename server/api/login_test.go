package api_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"yitang/db"
	"yitang/server/account"
	"yitang/server/halltest"
)

func login(h *halltest.Hall, user, password string) halltest.Answer {
	h.Helper()
	return h.Send(halltest.Request{Method: http.MethodPost, Path: "/api/v1/sessions", Body: map[string]string{"user": user, "password": password}})
}

// TestGuessesLock sends guesses that come together: five are judged, no more, and the right password then waits too; an
// account that does not exist behaves the same. Restarting the hall does not help.
func TestGuessesLock(t *testing.T) {
	for _, user := range []string{"clerk1", "nobody"} {
		t.Run(user, func(t *testing.T) {
			h := halltest.New(t, 2)
			var mu sync.Mutex
			codes := map[string]int{}
			var all sync.WaitGroup
			for range 3 * account.AccountFailures {
				all.Go(func() {
					code := login(h, user, "wrong-guess-1").Code()
					mu.Lock()
					codes[code]++
					mu.Unlock()
				})
			}
			all.Wait()
			if codes["wrong_password"] != account.AccountFailures || codes["locked"] != 2*account.AccountFailures {
				t.Fatalf("answers: %v", codes)
			}
			h.Restart()
			if a := login(h, user, halltest.Password); a.Status != http.StatusTooManyRequests || a.Code() != "locked" || !strings.Contains(string(a.Body), "15 分钟") {
				t.Errorf("the right password of a locked account: %d %s", a.Status, a.Body)
			}
			if a := login(h, "clerk2", halltest.Password); a.Status != http.StatusCreated {
				t.Errorf("another account from the same PC: %d %s", a.Status, a.Body)
			}
		})
	}
}

// TestASourceThatGuessesEverywhereIsLocked takes another account for each guess.
func TestASourceThatGuessesEverywhereIsLocked(t *testing.T) {
	h := halltest.New(t, 1)
	for i := range account.SourceFailures {
		if a := login(h, strings.Repeat("x", i+1), "wrong-guess-1"); a.Code() != "wrong_password" {
			t.Fatalf("guess %d: %d %s", i+1, a.Status, a.Body)
		}
	}
	if a := login(h, "clerk1", halltest.Password); a.Code() != "locked" {
		t.Errorf("the next login from there: %d %s", a.Status, a.Body)
	}
}

func TestChangePassword(t *testing.T) {
	h := halltest.New(t, 1)
	type session struct{ Token string }
	token := halltest.Into[session](h, login(h, "clerk1", halltest.Password)).Token
	change := func(old, new string, status int) {
		t.Helper()
		h.Post(status, token, "/api/v1/session/password", "", map[string]string{"old": old, "new": new})
	}
	change("wrong-guess-1", "Another-horse-2", http.StatusUnprocessableEntity)
	change(halltest.Password, "short1A", http.StatusUnprocessableEntity)
	change(halltest.Password, halltest.Password, http.StatusUnprocessableEntity)
	change(halltest.Password, "Another-horse-2", http.StatusNoContent)
	if a := h.Send(halltest.Request{Method: http.MethodGet, Path: "/api/v1/session", Token: token}); a.Status != http.StatusUnauthorized {
		t.Errorf("the session outlived its password: %d", a.Status)
	}
	if a := login(h, "clerk1", halltest.Password); a.Code() != "wrong_password" {
		t.Errorf("the old password: %d %s", a.Status, a.Body)
	}
	if a := login(h, "clerk1", "Another-horse-2"); a.Status != http.StatusCreated {
		t.Errorf("the new password: %d %s", a.Status, a.Body)
	}
	h.Verify() // the journal has the acts, and its chain is whole
}

// TestLongestName: whoever may have an account may log in, also with a name of the most characters that take three bytes each;
// and a browser forgets the session at the logout.
func TestLongestName(t *testing.T) {
	h := halltest.Make(t, 1)
	name := strings.Repeat("窗", account.MaxUser)
	data, err := db.Open(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	err = data.PutAccount(t.Context(), account.Account{User: name, Name: name, Role: account.Manager, Password: halltest.PasswordHash()})
	if err := errors.Join(err, data.Close()); err != nil {
		t.Fatal(err)
	}
	h.Start()
	a := login(h, name, halltest.Password)
	if a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	type session struct{ Token string }
	a = h.Send(halltest.Request{Method: http.MethodDelete, Path: "/api/v1/session", Token: halltest.Into[session](h, a).Token})
	if forgotten := a.Header.Get("Set-Cookie"); a.Status != http.StatusNoContent || !strings.Contains(forgotten, "path=/;") || !strings.Contains(forgotten, "1970") {
		t.Errorf("the logout: %d, %q", a.Status, forgotten)
	}
}

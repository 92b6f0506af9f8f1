package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"yitang/server/account"
	"yitang/server/api"
	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
)

// slowHall takes its time for a command and minds the context, as the engine does.
type slowHall struct {
	began, release chan struct{}
	view           *hall.View
}

func (s *slowHall) View() *hall.View { return s.view }

func (s *slowHall) Do(ctx context.Context, _ engine.Request) ([]byte, error) {
	close(s.began)
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.release:
		return []byte(`{"window":{}}`), nil
	}
}

// oneClerk knows one account, whatever the token.
type oneClerk struct{ api.Accounts }

func (oneClerk) Bearer(context.Context, []byte, time.Time) (*account.Account, error) {
	return &account.Account{User: "li", Role: account.Clerk}, nil
}

func (oneClerk) Touch(context.Context, []byte, time.Time) error { return nil }

// TestStopAnswersWhatIsUnderWay stops the API while a command waits for the disk: its sender is still answered.
func TestStopAnswersWhatIsUnderWay(t *testing.T) {
	s := &slowHall{began: make(chan struct{}), release: make(chan struct{}), view: hall.New(route.Rule{}).View()}
	a, url, served := serving(t, api.Config{Hall: s, Accounts: oneClerk{}})
	status := make(chan int, 1)
	go func() {
		req, _ := http.NewRequest(http.MethodPost, url+"/api/v1/windows/1/open", strings.NewReader("{}"))
		req.Header.Set("Authorization", "Bearer x")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		res.Body.Close()
		status <- res.StatusCode
	}()
	<-s.began
	closed := make(chan error, 1)
	go func() { closed <- a.Close() }()
	if err := <-served; err != nil { // the listener is closed: the shutdown has begun
		t.Fatal(err)
	}
	select {
	case got := <-status: // answered before the command was done
		t.Errorf("a command that waited at the stop was answered with %d", got)
		close(s.release)
	case <-time.After(300 * time.Millisecond):
		close(s.release)
		if got := <-status; got != http.StatusOK {
			t.Errorf("a command under way at the stop was answered with %d", got)
		}
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

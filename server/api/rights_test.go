package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"yitang/server/account"
	"yitang/server/api"
	"yitang/server/hall"
	"yitang/server/route"
)

// dismissed is a clerk whose rights are taken away in the moment after they were looked up.
type dismissed struct {
	api.Accounts
	dismiss func()
	asked   int
}

func (d *dismissed) Bearer(context.Context, []byte, time.Time) (*account.Account, error) {
	if d.asked++; d.asked > 1 {
		return nil, nil
	}
	d.dismiss()
	return &account.Account{User: "li", Role: account.Clerk}, nil
}

func (d *dismissed) Touch(context.Context, []byte, time.Time) error { return nil }

// Rights that are taken away while a request looks them up are not remembered: the next request is refused.
func TestRightsTakenAwayInTheMoment(t *testing.T) {
	d := &dismissed{}
	a, url, served := serving(t, api.Config{Hall: &slowHall{view: hall.New(route.Rule{}).View()}, Accounts: d})
	d.dismiss = func() {
		if err := a.Attend(func(told func(string)) error { told("li"); return nil }); err != nil {
			t.Error(err)
		}
	}
	for i, want := range []int{http.StatusOK, http.StatusUnauthorized} {
		req, err := http.NewRequest(http.MethodGet, url+"/api/v1/session", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer x")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("request %d: %d, want %d", i+1, res.StatusCode, want)
		}
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	<-served
}

// deadline is a line that remembers until when it is read.
type deadline struct{ at time.Time }

func (d *deadline) SetReadDeadline(at time.Time) error {
	d.at = at
	return nil
}

// A client that answers a ping just as its socket ends does not keep the reader waiting.
func TestAWordAtTheEndKeepsNoSocketOpen(t *testing.T) {
	var d deadline
	renew, end := api.Patience(&d)
	if err := renew(); err != nil || !d.at.After(time.Now()) {
		t.Fatalf("before the end: %v, until %s", err, d.at)
	}
	end()
	if err := renew(); err == nil || d.at.After(time.Now()) {
		t.Errorf("after the end: %v, until %s", err, d.at)
	}
}

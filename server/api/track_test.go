package api_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yitang/server/account"
	"yitang/server/api"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestCodesStandInTheOrderOfTheirTime, whatever else is in them, for as long as a hall keeps tickets.
func TestCodesStandInTheOrderOfTheirTime(t *testing.T) {
	if got, want := api.Timed(time.UnixMilli(32*32+33), "AAA23456789ABCDEFGHIJKLMNO"), "222222333"+"23456789ABCDEFGHIJKLMNO"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	rapid.Check(t, func(r *rapid.T) {
		secret := rapid.StringMatching("[A-Z2-7]{23,32}")
		ms := rapid.Int64Range(1_600_000_000_000, 5_000_000_000_000)
		a, b := ms.Draw(r, "a"), ms.Draw(r, "b")
		first, second := api.Timed(time.UnixMilli(a), secret.Draw(r, "one")), api.Timed(time.UnixMilli(b), secret.Draw(r, "two"))
		if a != b && a < b != (first < second) {
			r.Errorf("%s at %d, %s at %d", first, a, second, b)
		}
	})
}

// TestNoTwoCodesEndAlike: the time in front says nothing of the rest.
func TestNoTwoCodesEndAlike(t *testing.T) {
	h := halltest.New(t, 1)
	ends := map[string]string{}
	for _, key := range []string{"", "", "one", "two"} {
		k := halltest.Into[wire.Ticket](h, h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", key, wire.TakeRequest{Matters: h.Matters[:1]}))
		code := strings.TrimPrefix(k.TrackURL, "/t/")
		if len(code) != 32 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
			t.Fatalf("%s has the code %q", k.Number, code)
		}
		if other, twice := ends[code[9:]]; twice {
			t.Errorf("%s and %s have codes that end in %s", other, k.Number, code[9:])
		}
		ends[code[9:]] = k.Number
	}
}

// TestAnUnheardTicketIsKnownByItsKey: a kiosk that never heard the answer names its key with the number of its own.
func TestAnUnheardTicketIsKnownByItsKey(t *testing.T) {
	h := halltest.New(t, 1)
	kiosk := h.Tokens[account.Kiosk]
	ask := wire.TakeRequest{Matters: h.Matters[:1]}
	unheard := halltest.Into[wire.Ticket](h, h.Post(201, kiosk, "/api/v1/tickets", "lost", ask))
	heard := halltest.Into[wire.Ticket](h, h.Post(201, kiosk, "/api/v1/tickets", "heard", ask))
	h.Post(201, kiosk, "/api/v1/tickets/offline", "", wire.OfflineTicket{TakeRequest: ask, Number: "KIOSK-001", Day: unheard.Day, IssuedAt: unheard.IssuedAt,
		Track: strings.Repeat("A", 26), InsteadOf: "lost"})
	for id, want := range map[string]string{unheard.ID: "cancelled", heard.ID: "waiting"} {
		if got := halltest.Into[wire.Ticket](h, h.Get(200, kiosk, "/api/v1/tickets/"+id)); got.State != want {
			t.Errorf("%s is %s, want %s", got.Number, got.State, want)
		}
	}
}

package api_test

import (
	"testing"

	"yitang/server/account"
	"yitang/server/halltest"
	"yitang/server/wire"
)

// TestADoubtfulNumberIsTaken: the check digit of an old residence card is held against nobody; whoever typed it is told.
func TestADoubtfulNumberIsTaken(t *testing.T) {
	h := halltest.New(t, 1)
	for number, want := range map[string]string{
		"CAN110081080319": "号码的校验位不符，可能有一位输错，请核对。", // the published specimen
		"PAK310080010103": "",
	} {
		got := halltest.Into[wire.Ticket](h, h.Post(201, h.Tokens[account.Kiosk], "/api/v1/tickets", "key-"+number,
			wire.TakeRequest{Matters: h.Matters[:1], Person: wire.Person{Kind: "id", Number: number}}))
		if got.Warning != want || !got.Known {
			t.Errorf("%s: %+v", number, got)
		}
		if later := halltest.Into[wire.Ticket](h, h.Get(200, h.Tokens[account.Kiosk], "/api/v1/tickets/"+got.ID)); later.ID != got.ID || later.Warning != "" {
			t.Errorf("the ticket itself says it: %+v", later)
		}
	}
}

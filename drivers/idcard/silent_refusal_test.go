package idcard_test

import (
	"fmt"
	"testing"

	"yitang/drivers/idcard"
	"yitang/drivers/sim"
)

// A module that refuses a card with a status that usually needs no words must not leave the person standing there.
func TestARefusalWithoutWordsIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status idcard.Status
		on     [2]byte
	}{
		{idcard.SelectFailed, [2]byte{0x30, 0x01}}, {idcard.NoItem, [2]byte{0x30, 0x01}},
		{idcard.NoItem, [2]byte{0x20, 0x02}},
	} {
		t.Run(fmt.Sprintf("%v to %X", c.status, c.on), func(t *testing.T) {
			t.Parallel()
			r := simulate(t, sim.ReaderConfig{})
			events := watch(t, idcard.Config{Path: r.Path(), Baud: 115200})
			expect(t, events, "up")
			inject(t, r, sim.Fault{Kind: sim.CardStatus, On: true, Bytes: []byte{byte(c.status), c.on[0], c.on[1]}})
			place(t, r, "rec_resident.bin")
			expect(t, events, "unreadable card_place_again")
			inject(t, r, sim.Fault{Kind: sim.CardStatus})
			expect(t, events, residentRead)
		})
	}
}

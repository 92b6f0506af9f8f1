package db_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/server/hall"
)

// TestPastServices: forecasts learn from each leg, and from whoever has given the ticket up before a call; not from tickets
// that the day closed around, nor from the reissue of an offline one, whose holder still waits.
func TestPastServices(t *testing.T) {
	b := newBook(t)
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	b.do(hall.System, hall.OpenDay{Day: "2025-06-03"})
	b.do(li, hall.OpenWindow{Window: "1"})
	one := hall.WindowID("1")
	at := map[hall.TicketID]hall.Millis{}
	take := func(m hall.MatterCode) hall.TicketID {
		id := b.take(m)
		at[id] = b.at
		return id
	}
	served, missed := take("A-1"), take("A-1")
	given, reissued, left := take("A-1"), take("B-1"), take("B-1")
	for _, c := range []hall.Command{hall.CallNext{Window: one}, hall.Transfer{Window: one, Field: "B", Reason: "wrong field"},
		hall.CallNext{Window: one}} {
		b.do(li, c)
	}
	b.do(kiosk, hall.Cancel{Ticket: given, Reason: "gave up"})
	gone := b.at
	b.do(kiosk, hall.Cancel{Ticket: reissued, Reason: "reissued_offline"})
	b.do(li, hall.Finish{Window: one})
	b.do(li, hall.CallNext{Window: one})
	b.do(li, hall.Miss{Window: one})
	b.do(hall.System, hall.CloseDay{})
	b.do(hall.System, hall.OpenDay{Day: "2025-06-04"})
	b.take("A-1")

	type leg struct {
		Issued hall.Millis
		Leg    int
		NoShow bool
		LeftAt hall.Millis
	}
	var got []leg
	err := b.d.PastServices(t.Context(), "2025-06-03", 5, func(s *hall.PastService) error {
		got = append(got, leg{s.IssuedAt, s.Leg, s.NoShow, s.LeftAt})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []leg{{Issued: at[served], Leg: 1}, {Issued: at[served], Leg: 2}, {Issued: at[missed], Leg: 1, NoShow: true},
		{Issued: at[given], LeftAt: gone}, {Issued: at[reissued]}, {Issued: at[left]}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

package db_test

import (
	"fmt"
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

// TestEndedByDay: what only the end of the day ended has no end that anybody knows, wherever times of services and pauses are read.
func TestEndedByDay(t *testing.T) {
	b := newBook(t)
	b.do(hall.System, hall.AdoptLayout{Layout: layout("1")})
	b.do(hall.System, hall.OpenDay{Day: "2025-06-03"})
	done, forgotten := b.take("A-1"), b.take("A-1")
	one, two := hall.WindowID("1"), hall.WindowID("2")
	for _, c := range []hall.Command{hall.OpenWindow{Window: one}, hall.CallNext{Window: one}, hall.Start{Window: one}, hall.Finish{Window: one},
		hall.CallNext{Window: one}, hall.Start{Window: one}} {
		b.do(li, c)
	}
	for _, c := range []hall.Command{hall.OpenWindow{Window: two}, hall.PauseWindow{Window: two}, hall.ResumeWindow{Window: two}, hall.PauseWindow{Window: two}} {
		b.do("clerk:ma", c)
	}
	b.do(hall.System, hall.CloseDay{})

	ended := map[hall.TicketID]bool{}
	err := b.d.TicketRows(t.Context(), 0, 1<<60, func(r *hall.TicketRow) error {
		ended[r.Ticket] = r.EndedAt > r.StartedAt
		if r.State != "done" || r.StartedAt == 0 {
			t.Errorf("%+v", r)
		}
		return nil
	})
	if diff := cmp.Diff(map[hall.TicketID]bool{done: true, forgotten: false}, ended); err != nil || diff != "" {
		t.Error(err, diff)
	}
	taught := 0
	err = b.d.PastServices(t.Context(), "2025-06-03", 5, func(s *hall.PastService) error {
		if s.EndedAt != 0 {
			taught++
		}
		return nil
	})
	if err != nil || taught != 1 {
		t.Errorf("%d services teach how long one takes, %v", taught, err)
	}
	var atWindow []hall.Millis
	err = b.d.WorkedTickets(t.Context(), "2025-06-03", "2025-06-03", func(w *hall.WorkedTicket) error {
		atWindow = append(atWindow, w.AtWindow)
		return nil
	})
	if diff := cmp.Diff([]hall.Millis{2 * 60_000, 0}, atWindow); err != nil || diff != "" {
		t.Error(err, diff)
	}
	var open []string
	err = b.d.PastSpells(t.Context(), 0, func(s hall.PastSpell) error {
		open = append(open, fmt.Sprint(s.Window, " ", s.Unended))
		return nil
	})
	if diff := cmp.Diff([]string{"1 true", "2 false", "2 false"}, open); err != nil || diff != "" {
		t.Error(err, diff)
	}
	var spells []string
	err = b.d.SpellRows(t.Context(), 0, 1<<60, func(s *hall.SpellRow) error {
		spells = append(spells, fmt.Sprint(s.Window, " ", s.State, " ", s.Unended))
		return nil
	})
	if diff := cmp.Diff([]string{"1 open true", "2 open false", "2 paused false", "2 open false", "2 paused true"}, spells); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

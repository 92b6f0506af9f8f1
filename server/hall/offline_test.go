package hall_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yitang/server/hall"
)

const kiosk hall.Actor = "kiosk:kiosk-2"

func offline(number string, at hall.Millis, matters ...hall.MatterCode) hall.TakeOffline {
	take := ticketFor(matters...)
	take.Track = "T" + number
	return hall.TakeOffline{Take: take, Number: number, Day: today, IssuedAt: at}
}

// A ticket that a kiosk gave out by itself stands where it would have stood, takes no number of the hall's own away, and
// arrives once however often it is delivered.
func TestOfflineTicketsKeepTheirPlace(t *testing.T) {
	d := newDay(t)
	d.take("A-1")
	early := d.at - min1
	d.at += min1
	d.do(kiosk, offline("K2-001", early, "A-1"))
	d.do(kiosk, offline("K1-001", early-1, "A-1", "gone")) // a matter that the catalogue has no more
	if events := d.do(kiosk, offline("K2-001", early, "A-1")); len(events) != 0 {
		t.Errorf("delivered again: %v", kinds(events))
	}
	d.take("A-1")
	if got := cmp.Diff([]string{"K1-001", "K2-001", "A001", "A002"}, numbers(d.s.WaitingFor("A"))); got != "" {
		t.Errorf("the queue (-want +got):\n%s", got)
	}
	if k := d.ticket("20250603-K2-001"); k.IssuedAt != early || k.Place != early {
		t.Errorf("issued %d, place %d, want %d", k.IssuedAt, k.Place, early)
	}
	d.do(kiosk, offline("K2-002", d.at+5000, "A-1"))
	if k := d.ticket("20250603-K2-002"); k.Place != d.at {
		t.Error("a kiosk whose clock is fast gets a place in the future")
	}
}

// Who came for results while the hall was away is sent to a window that hands them out.
func TestOfflineCollector(t *testing.T) {
	d := newDay(t)
	own := offline("K2-001", d.at, "A-1")
	own.Deliver = true
	if id := d.do(kiosk, own)[0].Subject(); !d.ticket(id).Deliver {
		t.Error("the ticket is one for a new application")
	}
}

// The hall issued a ticket, its answer was lost, the kiosk gave out a number of its own: the person holds only that.
func TestTheUnheardTicketEnds(t *testing.T) {
	d := newDay(t)
	c := ticketFor("A-1")
	c.Track = "time-unheard"
	unheard := d.do(kiosk, c)[0].Subject()
	own := offline("K2-001", d.at, "A-1")
	own.UnheardEnd = "unheard"
	d.do(kiosk, own)
	if got := d.ticket(unheard); got.State != hall.Cancelled || got.Note != "reissued_offline" {
		t.Errorf("the unheard ticket is %s (%s)", got.State, got.Note)
	}
	if n := len(d.s.WaitingFor("A")); n != 1 {
		t.Errorf("%d wait", n)
	}
}

func TestRefusedOfflineTickets(t *testing.T) {
	d := newDay(t)
	d.do(kiosk, offline("K2-001", d.at, "A-1"))
	other, yesterday := offline("K2-001", d.at, "A-1"), offline("K2-007", d.at, "A-1")
	other.Track, yesterday.Day = "another", "2025-06-02"
	d.expect(hall.CodeNumberTaken, kiosk, other)
	d.expect(hall.CodeDayOver, kiosk, yesterday)
	for _, number := range []string{"A007", "K2/../-001", "", "K2-01"} {
		d.expect(hall.CodeInvalid, kiosk, offline(number, d.at, "A-1"))
	}
	d.expect(hall.CodeInvalid, kiosk, offline("K2-008", d.at, "gone"))
	d.expect(hall.CodeInvalid, kiosk, hall.TakeOffline{Number: "K2-001", Day: "today"})
}

package route_test

import (
	"testing"

	"yitang/server/hall"
)

// TestIdleWindowsCall: where the settings say so, the hall calls for windows that have been free for a while: the one with
// the fewest skills first, then the longest idle; never for one that is paused, busy or kept back.
func TestIdleWindowsCall(t *testing.T) {
	d := ruled(t, hall.Calling{IdleCallS: 10}, layout("AB", "AB", "A", "A", "B", "AB", "AB"))
	d.do(hall.CallIdle{}) // nobody waits
	d.minutes(1)
	d.do(hall.PauseWindow{Window: "6"})
	var ids []hall.TicketID
	for range 5 {
		ids = append(ids, d.come("A", hall.Ordinary))
	}
	at := func(id hall.TicketID) hall.WindowID { return d.s.Ticket(id).Window }
	for range 6 {
		d.do(hall.CallIdle{})
	}
	for i, want := range []hall.WindowID{"2", "3", "1", "5", ""} { // 4 serves B only, 6 is paused
		if at(ids[i]) != want {
			t.Errorf("number %d is called to %q, want %q", i+1, at(ids[i]), want)
		}
	}
	d.do(hall.Finish{Window: "1"})
	if d.s.View().IdleDue(d.at + 9_000) {
		t.Error("after 9 seconds a clerk has had no time")
	}
	if !d.s.View().IdleDue(d.at + 10_000) {
		t.Error("after 10 seconds nobody is called")
	}
	d.at += 10_000
	d.do(hall.CallIdle{})
	if at(ids[4]) != "1" {
		t.Errorf("the fifth is called to %q", at(ids[4]))
	}
}

// TestClerksCallThemselves: without the setting the hall calls nobody.
func TestClerksCallThemselves(t *testing.T) {
	d := ruled(t, hall.Calling{}, layout("A", "A"))
	id := d.come("A", hall.Ordinary)
	d.minutes(30)
	if d.do(hall.CallIdle{}); d.s.View().IdleDue(d.at) || d.s.Ticket(id).State != hall.Waiting {
		t.Errorf("%+v", d.s.Ticket(id))
	}
}

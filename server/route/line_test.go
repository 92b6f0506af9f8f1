package route_test

import (
	"testing"

	"pgregory.net/rapid"

	"yitang/server/hall"
	"yitang/server/route"
)

// TestLineIsTheOrderOfTheCalls: what a clerk is shown as coming is who is called when she calls, one after the other.
func TestLineIsTheOrderOfTheCalls(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		policy := rapid.SampledFrom(hall.Policies()).Draw(r, "policy")
		d := ruled(t, hall.Calling{Policy: policy, Pure: rapid.Bool().Draw(r, "pure")}, layout("ABC", "AB", "BA", "ABC", "C"))
		for range rapid.IntRange(0, 12).Draw(r, "people") {
			d.come(rapid.SampledFrom([]string{"A", "B", "C", "AB", "BC"}).Draw(r, "matters"),
				rapid.SampledFrom([]hall.Priority{hall.Ordinary, hall.Elderly, hall.Military}).Draw(r, "priority"))
			d.minutes(rapid.Float64Range(0, 15).Draw(r, "minutes"))
		}
		coming := route.Line(d.s.View(), "1", d.at, 20)
		for i := 0; ; i++ {
			events, err := hall.Decide(d.s, hall.CallNext{Window: "1"}, d.at, clerk)
			if err != nil {
				r.Fatal(err)
			}
			if len(events) == 0 {
				if i != len(coming) {
					r.Fatalf("%d were shown, %d called", len(coming), i)
				}
				return
			}
			d.s.Apply(&events[0])
			called := events[0].Body.(*hall.TicketCalled)
			if i >= len(coming) || coming[i].Ticket.ID != called.Ticket || coming[i].Why.Step != called.Why.Step {
				r.Fatalf("call %d under %s is %s (%s), the line is %v", i, policy, called.Ticket, called.Why.Step, coming)
			}
			d.do(hall.Miss{Window: "1"})
		}
	})
}

func TestLineOfNoWindow(t *testing.T) {
	d := ruled(t, hall.Calling{}, layout("A", "A"))
	d.come("A", hall.Ordinary)
	if got := route.Line(d.s.View(), "99", d.at, 5); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

package hall_test

import (
	"testing"

	"yitang/server/hall"
)

// The keys on a window's counter act for the clerk who works there, and do nothing where nobody does.
func TestTheCountersKeysActForTheClerk(t *testing.T) {
	const keys hall.Actor = "counter:pad-1"
	d := newDay(t)
	d.take("A-1")
	pressed := []hall.Command{hall.CallNext{Window: one}, hall.Recall{Window: one}, hall.Start{Window: one}, hall.Finish{Window: one}}
	for _, c := range pressed {
		d.expect(hall.CodeWindowClosed, keys, c)
	}
	d.expect(hall.CodeNotFound, keys, hall.CallNext{Window: "99"})
	d.do(li, hall.OpenWindow{Window: one})
	for _, c := range pressed {
		events := d.do(keys, c)
		if called, ok := events[0].Body.(*hall.TicketCalled); ok && called.Clerk != li {
			t.Errorf("called in the name of %s", called.Clerk)
		}
		if events[0].Actor != keys {
			t.Errorf("%T stands in the journal as done by %s", c, events[0].Actor)
		}
	}
	// What is not a key stays the clerk's.
	for _, c := range []hall.Command{hall.OpenWindow{Window: one}, hall.PauseWindow{Window: one}, hall.CloseWindow{Window: one}} {
		d.expect(hall.CodeWindowTaken, keys, c)
	}
	d.do(li, hall.PauseWindow{Window: one})
	d.expect(hall.CodeWindowPaused, keys, hall.CallNext{Window: one})
	d.expect(hall.CodeWindowTaken, keys, hall.ResumeWindow{Window: one})
}

// A rating is about the person who was asked, also when the next one is served before it comes.
func TestALateRatingIsAboutWhoWasAsked(t *testing.T) {
	const keys hall.Actor = "counter:pad-1"
	d := newDay(t)
	d.take("A-1")
	d.take("A-1")
	d.do(li, hall.OpenWindow{Window: one}, hall.CallNext{Window: one}, hall.Start{Window: one}, hall.Finish{Window: one},
		hall.CallNext{Window: one}, hall.Start{Window: one})
	rate := func(number string) hall.Rate {
		return hall.Rate{Window: one, Number: number, Grade: 5, Via: "evaluator"}
	}
	if b, ok := d.do(keys, rate("A001"))[0].Body.(*hall.RatingGiven); !ok || b.Of != a001 {
		t.Errorf("rated %+v", b)
	}
	d.expect(hall.CodeAlreadyRated, keys, rate("A001"))
	d.expect(hall.CodeNotServed, keys, rate("A077"))
	if b, ok := d.do(keys, rate(""))[0].Body.(*hall.RatingGiven); !ok || b.Of == a001 {
		t.Errorf("rated %+v", b)
	}
}

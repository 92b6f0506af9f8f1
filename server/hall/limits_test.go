package hall_test

import (
	"testing"

	"yitang/server/hall"
)

// limited is a day in a hall that lets a person have two open tickets for a matter and four a day.
func limited(t *testing.T) *day {
	d := newHall(t)
	l := layout()
	l.Limits = hall.Limits{OpenPerMatter: 2, PerDay: 4}
	d.do(hall.System, hall.AdoptLayout{Layout: l}, hall.OpenDay{Day: today})
	return d
}

func by(person string, matters ...hall.MatterCode) hall.Take {
	c := ticketFor(matters...)
	c.PersonKind, c.Person = "id", person
	return c
}

func TestAPersonTakesOnlySoMany(t *testing.T) {
	d := limited(t)
	first := d.do(desk, by("p", "A-1"))[0].Subject()
	d.do(desk, by("p", "A-2", "A-1"))
	d.expect(hall.CodeTooManyOpen, desk, by("p", "B-1", "A-1"))
	d.do(desk, by("q", "A-1"), ticketFor("A-1"), ticketFor("A-1"), ticketFor("A-1")) // others, and who shows no card
	d.do(desk, hall.Cancel{Ticket: first})
	d.do(desk, by("p", "A-1")) // what was given up does not count
	d.do(desk, by("p", "B-1"), by("p", "C-1"))
	d.expect(hall.CodeTooManyToday, desk, by("p", "B-2"))
	d.do(hall.System, hall.CloseDay{}, hall.OpenDay{Day: tomorrow})
	d.do(desk, by("p", "A-1"))
}

// TestWhoIsIdentifiedAtTheWindowCounts: the limits hold for whom the clerk identified, and no longer for whom the clerk took
// the person for.
func TestWhoIsIdentifiedAtTheWindowCounts(t *testing.T) {
	d := limited(t)
	d.do(li, hall.OpenWindow{Window: one})
	d.do(desk, ticketFor("A-1"))
	d.do(li, hall.CallNext{Window: one}, hall.Start{Window: one})
	d.do(li, hall.Identify{Window: one, PersonKind: "id", Person: "q"})
	d.do(li, hall.Identify{Window: one, PersonKind: "id", Person: "p"})
	d.do(desk, by("p", "A-1"))
	d.expect(hall.CodeTooManyOpen, desk, by("p", "A-1"))
	d.do(desk, by("q", "A-1"), by("q", "A-1"))
}

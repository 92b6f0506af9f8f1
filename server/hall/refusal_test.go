package hall_test

import (
	"strings"
	"testing"

	"yitang/server/hall"
)

// refusal is a command that the rules refuse for what it says, not for the state that it meets. Word must stand in the
// sentence, so that the person learns what is meant.
type refusal struct {
	name string
	cmd  hall.Command
	code hall.Code
	word string
}

// refusals meet an open day on which li serves A001 at window 1; window 2 is open, 3 and 4 are closed.
func refusals() []refusal {
	take := func(change func(c *hall.Take)) hall.Take {
		c := ticketFor("A-1")
		change(&c)
		return c
	}
	finish := func(o ...hall.Outcome) hall.Finish { return hall.Finish{Window: one, Outcomes: o} }
	lacking := layout()
	lacking.Windows[1].Fields = nil
	without := layout()
	without.Windows = without.Windows[1:]
	return []refusal{
		{"take nothing", ticketFor(), hall.CodeInvalid, "matters"},
		{"take too much", ticketFor(make([]hall.MatterCode, hall.MaxTicketMatters+1)...), hall.CodeInvalid, "10"},
		{"take the unknown", ticketFor("A-1", "X-9"), hall.CodeUnknownMatter, "matters[1]"},
		{"take twice", ticketFor("A-1", "A-2", "A-1"), hall.CodeInvalid, "matters[2]"},
		{"take without class", take(func(c *hall.Take) { c.Priority = "" }), hall.CodeInvalid, "priority"},
		{"take in a made-up class", take(func(c *hall.Take) { c.Priority = "vip" }), hall.CodeInvalid, "vip"},
		{"take in a language we lack", take(func(c *hall.Take) { c.Language = "fr" }), hall.CodeInvalid, "fr"},

		{"finish what it has not", finish(hall.Outcome{Matter: "B-1", Outcome: "done"}), hall.CodeInvalid, "outcomes[0]"},
		{"finish somehow", finish(hall.Outcome{Matter: "A-1", Outcome: "fine"}), hall.CodeInvalid, "fine"},
		{"finish twice", finish(hall.Outcome{Matter: "A-1", Outcome: "done"}, hall.Outcome{Matter: "A-1", Outcome: "incomplete"}), hall.CodeInvalid, "outcomes[1]"},

		{"import nothing", hall.ImportCases{}, hall.CodeInvalid, "分成几个文件"},
		{"import a bad case", hall.ImportCases{Cases: []hall.SyncCase{{Case: hall.Case{ID: "X-1", Matter: "A-1", OpenedAt: ten}},
			{Case: hall.Case{ID: "X-2", Matter: "Z-9", OpenedAt: ten}}}, Lines: []int{2, 5}}, hall.CodeUnknownMatter, "第 5 行"},
		{"transfer nowhere", hall.Transfer{Window: one}, hall.CodeInvalid, "三者选一"},
		{"transfer to both", hall.Transfer{Window: one, Field: "B", To: "2"}, hall.CodeInvalid, "三者选一"},
		{"transfer to itself", hall.Transfer{Window: one, To: one}, hall.CodeInvalid, "本窗口"},
		{"transfer to no field", hall.Transfer{Window: one, Field: "Z"}, hall.CodeNotFound, "Z"},
		{"transfer to no window", hall.Transfer{Window: one, To: "99"}, hall.CodeNotFound, "99"},
		{"transfer for later to no window", hall.Transfer{Window: one, To: "99", Later: true}, hall.CodeNotFound, "99"},
		{"transfer to a closed window", hall.Transfer{Window: one, To: "3"}, hall.CodeWindowClosed, "3"},

		{"papers of another matter", take(func(c *hall.Take) { c.Papers = hall.Papers{"B-1": nil} }), hall.CodeInvalid, "B-1"},
		{"papers that nobody asks for", take(func(c *hall.Take) { c.Papers = hall.Papers{"A-1": {"章程"}} }), hall.CodeInvalid, "章程"},
		{"receipt eaten", hall.ReportReceipt{Ticket: a001, State: "eaten"}, hall.CodeInvalid, "eaten"},
		{"device asleep", hall.ReportDevice{Device: "k1", Part: "printer", State: "asleep"}, hall.CodeInvalid, "asleep"},

		{"a layout with a mistake", hall.AdoptLayout{Layout: lacking}, hall.CodeInvalid, "2 号窗口"},
		{"a layout made from an older one", hall.AdoptLayout{Layout: layout(), Base: "older"}, hall.CodeLayoutChanged, "刷新"},
		{"a plan made from an older one", hall.PlanLayout{Layout: layout(), Base: "older"}, hall.CodeLayoutChanged, "刷新"},
		{"a layout without a working window", hall.AdoptLayout{Layout: without}, hall.CodeLayoutInUse, "1号窗口"},

		{"open no window", hall.OpenWindow{Window: "99"}, hall.CodeNotFound, "99"},
		{"pause no window", hall.PauseWindow{Window: "99"}, hall.CodeNotFound, "99"},
		{"resume no window", hall.ResumeWindow{Window: "99"}, hall.CodeNotFound, "99"},
		{"close no window", hall.CloseWindow{Window: "99"}, hall.CodeNotFound, "99"},
		{"next at no window", hall.CallNext{Window: "99"}, hall.CodeNotFound, "99"},
		{"recall at no window", hall.Recall{Window: "99"}, hall.CodeNotFound, "99"},
		{"start at no window", hall.Start{Window: "99"}, hall.CodeNotFound, "99"},
		{"no-show at no window", hall.Miss{Window: "99"}, hall.CodeNotFound, "99"},
		{"hold at no window", hall.Hold{Window: "99"}, hall.CodeNotFound, "99"},
		{"transfer from no window", hall.Transfer{Window: "99", Field: "B"}, hall.CodeNotFound, "99"},
		{"finish at no window", hall.Finish{Window: "99"}, hall.CodeNotFound, "99"},

		{"resume no ticket", hall.ResumeTicket{Ticket: "x"}, hall.CodeNotFound, "x"},
		{"reactivate no ticket", hall.Reactivate{Ticket: "x"}, hall.CodeNotFound, "x"},
		{"cancel no ticket", hall.Cancel{Ticket: "x"}, hall.CodeNotFound, "x"},
		{"receipt of no ticket", hall.ReportReceipt{Ticket: "x", State: hall.Sent}, hall.CodeNotFound, "x"},
	}
}

func TestRefusals(t *testing.T) {
	for _, r := range refusals() {
		t.Run(r.name, func(t *testing.T) {
			d := newDay(t)
			d.do(li, hall.OpenWindow{Window: one})
			d.do(wang, hall.OpenWindow{Window: "2"})
			d.take("A-1", "A-2")
			d.do(li, hall.CallNext{Window: one}, hall.Start{Window: one})
			d.expect(r.code, li, r.cmd)
			if _, err := hall.Decide(d.s, r.cmd, d.at, li); !strings.Contains(err.Error(), r.word) {
				t.Errorf("%q does not name %q", err, r.word)
			}
		})
	}
}

func TestAHeldTicketIsResumedOnlyIntoAWindowThatExists(t *testing.T) {
	d := newDay(t)
	d.do(li, hall.OpenWindow{Window: one})
	id := d.take("A-1")
	d.do(li, hall.CallNext{Window: one}, hall.Start{Window: one}, hall.Hold{Window: one})
	d.expect(hall.CodeNotFound, li, hall.ResumeTicket{Ticket: id, Window: "99"})
}

func TestOpenDayRefusesWhatIsNoDay(t *testing.T) {
	for _, bad := range []hall.Day{"", "x", "2025-6-4", "20250604", "2025-13-01", "2025-02-30", "2025-06-04 ", "２０２５-06-04"} {
		d := newHall(t)
		d.do(hall.System, hall.AdoptLayout{Layout: layout()})
		d.expect(hall.CodeInvalid, hall.System, hall.OpenDay{Day: bad})
	}
}

func TestADayIsNeverOpenedAgain(t *testing.T) {
	d := newDay(t)
	d.do(hall.System, hall.CloseDay{})
	for _, past := range []hall.Day{today, "2025-06-02", "2024-12-31"} {
		d.expect(hall.CodeInvalid, hall.System, hall.OpenDay{Day: past})
	}
	d.do(hall.System, hall.OpenDay{Day: tomorrow})
}

func TestDevicesAreBounded(t *testing.T) {
	d := newHall(t)
	name := func(i int) string { return "d" + string(rune('一'+i)) }
	for i := range 5000 {
		events, err := hall.Decide(d.s, hall.ReportDevice{Device: name(i), Part: "p", State: "up"}, d.at, desk)
		if err != nil {
			t.Fatalf("device %d: %v", i, err)
		}
		d.apply(events)
	}
	d.expect(hall.CodeInvalid, desk, hall.ReportDevice{Device: "one too many", Part: "p", State: "up"})
	d.do(desk, hall.ReportDevice{Device: name(7), Part: "p", State: "down", Reason: "paper"})
	if got := len(d.s.View().Devices); got != 5000 {
		t.Errorf("%d devices", got)
	}
}

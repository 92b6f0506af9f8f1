package hall_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"yitang/server/hall"
)

// The three tables below are the doc comment of Decide, row by row: what becomes of a ticket, of a window and of the
// hall. They are complete by construction: a command or a state without its row, or with two, fails the test.

// row says what a command does in some situations. Out is the new state, or one of
//
//	!code  refused with the code
//	=      accepted, but there is nothing to do: no event
//	~      an event, and the state stays
type row struct{ cmd, in, out string }

// The ticket and the window that all commands of the tables are about.
const (
	a001 hall.TicketID = "20250603-A001"
	one  hall.WindowID = "1"
)

// commands are all commands, by the names that the tables use.
func commands() map[string]hall.Command {
	return map[string]hall.Command{
		"open":            hall.OpenWindow{Window: one},
		"pause":           hall.PauseWindow{Window: one, Reason: "午休"},
		"unpause":         hall.ResumeWindow{Window: one},
		"close":           hall.CloseWindow{Window: one},
		"next":            hall.CallNext{Window: one},
		"recall":          hall.Recall{Window: one},
		"start":           hall.Start{Window: one},
		"no-show":         hall.Miss{Window: one},
		"hold":            hall.Hold{Window: one, Reason: "复印"},
		"transfer-field":  hall.Transfer{Window: one, Field: "B"},
		"transfer-window": hall.Transfer{Window: one, To: "2"},
		"transfer-later":  hall.Transfer{Window: one, To: "2", Later: true},
		"finish":          hall.Finish{Window: one},
		"undo":            hall.Reopen{Window: one},
		"split":           hall.Split{Window: one, Matters: []hall.MatterCode{"A-1"}, Track: "u"},
		"identify":        hall.Identify{Window: one, PersonKind: "id", Person: "p-1"},
		"hand-over":       hall.HandOver{Window: one, Clerk: "clerk:zhao"},
		"abandon":         hall.Abandon{Ticket: a001},
		"rate":            hall.Rate{Ticket: a001, Grade: 5, Via: "phone"},
		"link":            hall.LinkCase{Ticket: a001, Leg: 1, Matter: "A-1", Case: "c", Purpose: hall.Consult, Was: hall.Apply, Reason: "误选"},
		"case":            hall.ActOnCase{Case: "20250603-0001", Step: hall.StepDecide, Detail: hall.StepDetail{Today: today}},
		"sync":            hall.SyncCase{Case: hall.Case{ID: "X-1", Matter: "A-1", OpenedAt: ten}},
		"task":            hall.StepTask{Rating: "20250603-A001-1", State: hall.TaskVerified, Verified: "true", Text: "属实"},
		"resume":          hall.ResumeTicket{Ticket: a001},
		"resume-into":     hall.ResumeTicket{Ticket: a001, Window: one},
		"reactivate":      hall.Reactivate{Ticket: a001},
		"cancel":          hall.Cancel{Ticket: a001, Reason: "不办了"},
		"receipt":         hall.ReportReceipt{Ticket: a001, State: hall.Printed},
		"adopt":           hall.AdoptLayout{Layout: layout()},
		"plan":            hall.PlanLayout{Layout: layout()},
		"relieve":         hall.Relieve{},
		"settle":          hall.Settle{},
		"call-idle":       hall.CallIdle{},
		"book":            booking("p-1", tomorrow, 600, "A-1"),
		"move":            hall.MoveAppointment{When: when(tomorrow, 600), Appointment: "Y1"},
		"call-off":        hall.CancelAppointment{Appointment: "Y1"},
		"mark":            hall.MarkPriority{Ticket: a001, Priority: hall.Elderly},
		"open-day":        hall.OpenDay{Day: tomorrow},
		"close-day":       hall.CloseDay{},
		"reopen-day":      hall.ReopenDay{Day: today},
		"set-clock":       hall.SetClock{Day: today},
		"take":            ticketFor("A-1"),
		"take-offline":    offline("K2-001", ten, "A-1"),
		"device":          hall.ReportDevice{Device: "k1", Part: "printer", State: "down"},
		"arrange":         hall.ArrangeScreen{Plan: hall.DefaultPlan("hall-1", hall.HallScreen)},
		"unarrange":       hall.RemoveScreen{Screen: "hall-1"},
		"voice":           hall.SetVoice{Voice: hall.DefaultVoice()},
		"areas":           hall.SetAreas{},
		"notice":          hall.PostNotice{Notice: hall.Notice{ID: "n1", Text: hall.Text{"zh": "通知"}}},
		"unnotice":        hall.DropNotice{Notice: "n1"},
		"access":          hall.RecordAccess{What: hall.LoggedIn, User: "li"},
		"import":          hall.ImportHistory{},
		"import-cases":    hall.ImportCases{Cases: []hall.SyncCase{{Case: hall.Case{ID: "X-1", Matter: "A-1", OpenedAt: ten}}}, Lines: []int{2}},
		"take-over":       hall.TakeOver{Epoch: 2},
		"purge":           hall.Purge{},
		"sign-head":       hall.SignHead{},
		"lead":            leadAct(hall.LeadAssigned),
		"lead-again":      leadAct(hall.LeadReopened),
	}
}

// ticketRows: the clerk li works at window 1 and A001 is in the state; the acts on the ticket in hand are tried also
// where A001 lies in no hand, and then no other ticket does.
func ticketRows() []row {
	const ended = "done, no_show, no_show late, no_show again, cancelled" // the day is still open
	const after = "abandoned, no_show of a closed day"
	const notInHand = "waiting, held, " + ended
	return []row{
		{"next", "waiting", "called"},
		{"next", "called, serving", "!ticket_in_hand"},
		{"next", "held, " + ended, "="},
		{"next", after, "!window_closed"},

		{"recall", "called", "~"},
		{"recall", "serving", "!already_serving"},
		{"recall", notInHand, "!no_ticket_in_hand"},
		{"recall", after, "!window_closed"},

		{"start", "called", "serving"},
		{"start", "serving", "!already_serving"},
		{"start", notInHand, "!no_ticket_in_hand"},
		{"start", after, "!window_closed"},

		{"finish", "called, serving", "done"},
		{"finish", notInHand, "!no_ticket_in_hand"},
		{"finish", after, "!window_closed"},

		{"hold", "called", "!not_started"},
		{"hold", "serving", "held"},
		{"hold", notInHand, "!no_ticket_in_hand"},
		{"hold", after, "!window_closed"},

		{"transfer-field", "called, serving", "waiting"},
		{"transfer-field", notInHand, "!no_ticket_in_hand"},
		{"transfer-field", after, "!window_closed"},

		{"transfer-window", "called, serving", "waiting"},
		{"transfer-window", notInHand, "!no_ticket_in_hand"},
		{"transfer-window", after, "!window_closed"},

		{"transfer-later", "called, serving", "held"},
		{"transfer-later", notInHand, "!no_ticket_in_hand"},
		{"transfer-later", after, "!window_closed"},

		{"undo", "called, serving", "!ticket_in_hand"},
		{"undo", "waiting, held, no_show, no_show late, no_show again, cancelled", "!nothing_to_undo"},
		{"undo", "done", "serving"},
		{"undo", after, "!window_closed"},

		{"split", "called", "!not_started"},
		{"split", "serving", "!invalid"}, // it has one matter only
		{"split", notInHand, "!no_ticket_in_hand"},
		{"split", after, "!window_closed"},

		{"identify", "called, serving", "~"},
		{"identify", notInHand, "!no_ticket_in_hand"},
		{"identify", after, "!window_closed"},

		{"hand-over", "called, serving, " + notInHand, "~"},
		{"hand-over", after, "!window_closed"},

		{"abandon", "waiting, held", "abandoned"},
		{"abandon", "called, serving", "!in_hand"},
		{"abandon", ended + ", " + after, "!ticket_ended"},

		{"mark", "waiting, held, no_show, no_show late, no_show again", "~"},
		{"mark", "called, serving", "!in_hand"},
		{"mark", "done, cancelled, " + after, "!ticket_ended"},

		{"rate", "serving, held, done", "~"},
		{"rate", "waiting, called, no_show, no_show late, no_show again, cancelled, " + after, "!not_served"},

		{"link", "called, serving, " + notInHand + ", " + after, "~"},

		{"no-show", "called", "no_show"},
		{"no-show", "serving", "!already_serving"},
		{"no-show", notInHand, "!no_ticket_in_hand"},
		{"no-show", after, "!window_closed"},

		{"resume", "held", "waiting"},
		{"resume", "waiting, called, serving, " + ended + ", " + after, "!not_held"},

		{"resume-into", "held", "serving"},
		{"resume-into", "waiting, called, serving, " + ended + ", " + after, "!not_held"},

		{"reactivate", "no_show", "waiting"},
		{"reactivate", "no_show late", "!too_late"},
		{"reactivate", "no_show again", "!already_reactivated"},
		{"reactivate", "no_show of a closed day", "!hall_closed"},
		{"reactivate", "waiting, called, serving, held, done, abandoned, cancelled", "!not_missed"},

		{"cancel", "waiting, held, no_show, no_show late, no_show again", "cancelled"},
		{"cancel", "called, serving", "!in_hand"},
		{"cancel", "done, cancelled, " + after, "!ticket_ended"},

		{"receipt", "waiting, called, serving, held, " + ended + ", " + after, "~"},

		{"close-day", "waiting, held", "abandoned"},
		{"close-day", "called", "no_show"},
		{"close-day", "serving", "done"},
		{"close-day", ended, "~"},
		{"close-day", after, "!hall_closed"},
		{"reopen-day", "waiting, called, serving, held, " + ended, "!day_open"},
		{"reopen-day", "abandoned", "waiting"},
		{"reopen-day", "no_show of a closed day", "~"},

		{"open", "waiting, called, serving, held, " + ended, "="},
		{"open", after, "!hall_closed"},
		{"pause", notInHand, "~"},
		{"pause", "called, serving", "!ticket_in_hand"},
		{"pause", after, "!window_closed"},
		{"unpause", "waiting, called, serving, held, " + ended, "="},
		{"unpause", after, "!window_closed"},
		{"close", notInHand, "~"},
		{"close", "called, serving", "!ticket_in_hand"},
		{"close", after, "="},
	}
}

// ticketSituations bring A001 into a state. A name begins with the TicketState.
func ticketSituations() map[string]func(d *day) {
	next, start, miss := hall.CallNext{Window: one}, hall.Start{Window: one}, hall.Miss{Window: one}
	do := func(cmds ...hall.Command) func(d *day) { return func(d *day) { d.do(li, cmds...) } }
	return map[string]func(d *day){
		"waiting":                 do(),
		"called":                  do(next),
		"serving":                 do(next, start),
		"held":                    do(next, start, hall.Hold{Window: one}),
		"done":                    do(next, start, hall.Finish{Window: one}),
		"no_show":                 func(d *day) { d.do(li, next, miss); d.at += hall.ReactivateWithin },
		"no_show late":            func(d *day) { d.do(li, next, miss); d.at += hall.ReactivateWithin + 1 },
		"no_show again":           do(next, miss, hall.Reactivate{Ticket: a001}, next, miss),
		"no_show of a closed day": do(next, hall.CloseDay{}),
		"abandoned":               do(hall.CloseDay{}),
		"cancelled":               do(hall.Cancel{Ticket: a001}),
	}
}

func TestDecideForEveryStateOfATicket(t *testing.T) {
	situations := ticketSituations()
	cells := table(t, ticketRows(), slices.Collect(maps.Keys(situations)))
	demandRows(t, cells, "Ticket", "Window")
	for _, state := range constants(t, "TicketState") {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(situations)), func(s string) bool { return stateOf(s) == state }) {
			t.Errorf("no situation for the ticket state %s", state)
		}
	}
	for at, want := range cells {
		t.Run(at.cmd+"/"+at.in, func(t *testing.T) {
			d := newDay(t)
			d.do(li, hall.OpenWindow{Window: one})
			d.do(wang, hall.OpenWindow{Window: "2"})
			d.take("A-1")
			situations[at.in](d)
			state := func() string { return string(d.ticket(a001).State) }
			if state() != stateOf(at.in) {
				t.Fatalf("the situation is %s", state())
			}
			d.verify(li, commands()[at.cmd], want, state)
		})
	}
}

func stateOf(situation string) string { return strings.Fields(situation)[0] }

// windowRows: by li, who works at window 1, and by wang, who works elsewhere. A held ticket A001 can be resumed into
// the window.
func windowRows() []row {
	const free = "idle, open, own"
	const hand = "called, serving"
	rows := []row{
		{"open", "closed", "open"},
		{"open", free + ", " + hand, "="},
		{"open", "paused", "!window_paused"},

		{"pause", "closed", "!window_closed"},
		{"pause", free, "paused"},
		{"pause", hand, "!ticket_in_hand"},
		{"pause", "paused", "="},

		{"unpause", "closed", "!window_closed"},
		{"unpause", free + ", " + hand, "="},
		{"unpause", "paused", "open"},

		{"close", "closed", "="},
		{"close", free + ", paused", "closed"},
		{"close", hand, "!ticket_in_hand"},

		{"next", "closed", "!window_closed"},
		{"next", "idle", "="},
		{"next", "open, own", "called"},
		{"next", hand, "!ticket_in_hand"},
		{"next", "paused", "!window_paused"},

		{"resume-into", free, "serving"},
		{"resume-into", hand, "!ticket_in_hand"},
		{"resume-into", "closed", "!window_closed"},
		{"resume-into", "paused", "!window_paused"},

		{"recall", "called", "~"},
		{"recall", "serving", "!already_serving"},
		{"start", "called", "serving"},
		{"start", "serving", "!already_serving"},
		{"no-show", "called", "open"},
		{"no-show", "serving", "!already_serving"},
		{"hold", "called", "!not_started"},
		{"hold", "serving", "open"},
		{"finish", hand, "open"},
		{"undo", hand, "!ticket_in_hand"},
		{"undo", free, "!nothing_to_undo"},
		{"undo", "closed", "!window_closed"},
		{"undo", "paused", "!window_paused"},
		{"transfer-field", hand, "open"},
		{"transfer-window", hand, "open"},
		{"transfer-later", hand, "open"},
	}
	rows = append(rows, []row{
		{"hand-over", "closed", "!window_closed"},
		{"hand-over", free + ", paused, " + hand, "~"},
		{"identify", hand, "~"},
		{"split", "called", "!not_started"},
		{"split", "serving", "!invalid"},
		{"rate", "closed, " + free + ", paused, " + hand, "~"}, // A001, which was served before
	}...)
	for _, act := range []string{"recall", "start", "no-show", "hold", "finish", "transfer-field", "transfer-window", "transfer-later", "split", "identify"} {
		rows = append(rows, row{act, free, "!no_ticket_in_hand"}, row{act, "closed", "!window_closed"}, row{act, "paused", "!window_paused"})
	}
	return rows
}

// rowsOfAnother are the rows for a clerk who does not work at the window: a closed window belongs to nobody.
func rowsOfAnother(rows []row) []row {
	var out []row
	seen := map[string]bool{}
	for _, r := range rows {
		if r.cmd == "rate" { // it is not a clerk's act
			out = append(out, r)
			continue
		}
		if !seen[r.cmd] {
			seen[r.cmd] = true
			out = append(out, row{r.cmd, "idle, open, own, called, serving, paused", "!window_taken"})
		}
		if slices.Contains(strings.Split(r.in, ", "), "closed") {
			out = append(out, row{r.cmd, "closed", r.out})
		}
	}
	return out
}

// windowSituations bring window 1 into a state, once li has worked there and put A001 on hold. But for idle and closed
// somebody waits for it.
func windowSituations() map[string]func(d *day) {
	next, start := hall.CallNext{Window: one}, hall.Start{Window: one}
	return map[string]func(d *day){
		"idle":    func(*day) {},
		"open":    func(d *day) { d.take("A-1") },
		"own":     func(d *day) { d.do(wang, hall.Transfer{Window: "2", To: one}) },
		"called":  func(d *day) { d.take("A-1"); d.do(li, next) },
		"serving": func(d *day) { d.take("A-1"); d.do(li, next, start) },
		"paused":  func(d *day) { d.take("A-1"); d.do(li, hall.PauseWindow{Window: one}) },
		"closed":  func(d *day) { d.do(li, hall.CloseWindow{Window: one}) },
	}
}

func TestDecideForEveryStateOfAWindow(t *testing.T) {
	situations := windowSituations()
	names := slices.Collect(maps.Keys(situations))
	for _, state := range constants(t, "WindowState") {
		if !slices.Contains(names, state) {
			t.Errorf("no situation for the window state %s", state)
		}
	}
	for by, rows := range map[hall.Actor][]row{li: windowRows(), wang: rowsOfAnother(windowRows())} {
		cells := table(t, rows, names)
		demandRows(t, cells, "Window")
		for at, want := range cells {
			t.Run(fmt.Sprintf("%s/%s/%s", by, at.cmd, at.in), func(t *testing.T) {
				d := newDay(t)
				d.do(li, hall.OpenWindow{Window: one})
				d.take("A-1")
				d.do(li, hall.CallNext{Window: one}, hall.Start{Window: one}, hall.Hold{Window: one})
				d.do(wang, hall.OpenWindow{Window: "2"})
				d.take("B-1")
				d.do(wang, hall.CallNext{Window: "2"})
				situations[at.in](d)
				d.verify(by, commands()[at.cmd], want, func() string { return situationOf(d.s.View().Window(one)) })
			})
		}
	}
}

func situationOf(w *hall.Window) string {
	if w.Ticket != nil {
		return string(w.Ticket.State)
	}
	return string(w.State)
}

// hallRows: every command before there is a catalogue, before the first day, on an open day, after the last ticket
// could be taken, and after the day. In the open hall li works at window 1 and A001 waits. Out is what happens.
func hallRows() []row {
	const dark = "before, closed"
	const lit = "open, issue over"
	rows := []row{
		{"adopt", "new, before, open, issue over, closed", "layout_adopted"},
		{"access", "new, before, open, issue over, closed", "access_recorded"},
		{"plan", "before, open, issue over, closed", "layout_planned"},
		{"plan", "new", "!invalid"},
		{"device", "new, before, open, issue over, closed", "device_reported"},

		{"relieve", "new, before, open, issue over, closed", "="}, // nothing is asked for; TestRelief

		{"settle", "new, before, open, issue over, closed", "="}, // nobody is booked; TestAppointments

		{"call-idle", "new, before, open, issue over, closed", "="}, // clerks call themselves; TestIdleWindowsCall
		{"book", "new", "!unknown_matter"},
		{"book", "before, open, issue over, closed", "!no_booking"},
		{"move", "new, before, open, issue over, closed", "!not_found"},
		{"call-off", "new, before, open, issue over, closed", "!not_found"},
		{"mark", "new, before", "!not_found"},
		{"mark", lit, "ticket_marked"},
		{"mark", "closed", "!ticket_ended"},

		{"open-day", "new", "!no_catalogue"},
		{"open-day", dark, "day_opened"},
		{"open-day", lit, "!day_open"},

		{"close-day", "new, " + dark, "!hall_closed"},
		{"close-day", lit, "ticket_abandoned window_closed day_closed"},
		{"reopen-day", "new, before", "!hall_closed"},
		{"reopen-day", lit, "!day_open"},
		{"reopen-day", "closed", "day_reopened ticket_reactivated"},

		{"set-clock", "new, before, open, issue over, closed", "!clock_right"}, // TestAClockFarAhead, TestAClockSetBack

		{"take", "new, before, issue over, closed", "!hall_closed"},
		{"take", "open", "ticket_issued"},
		{"take-offline", "new, before, closed", "!day_over"},
		{"take-offline", "open, issue over", "ticket_issued"}, // the person holds the paper

		{"open", "new, before, closed", "!hall_closed"},
		{"open", lit, "="},
		{"pause", lit, "window_paused"},
		{"pause", dark, "!window_closed"},
		{"unpause", lit, "="},
		{"unpause", dark, "!window_closed"},
		{"close", lit, "window_closed"},
		{"close", dark, "="},
		{"next", lit, "ticket_called"},
		{"next", dark, "!window_closed"},

		{"resume", lit + ", closed", "!not_held"},
		{"resume-into", lit + ", closed", "!not_held"},
		{"reactivate", lit + ", closed", "!not_missed"},
		{"cancel", lit, "ticket_cancelled"},
		{"cancel", "closed", "!ticket_ended"},
		{"receipt", lit + ", closed", "receipt_reported"},

		{"hand-over", lit, "window_handed_over"},
		{"hand-over", dark, "!window_closed"},
		{"abandon", lit, "ticket_abandoned"},
		{"abandon", "closed", "!ticket_ended"},
		{"rate", lit + ", closed", "!not_served"},
		{"link", "new, before, open, issue over, closed", "case_linked"},
		{"case", "new, before, open, issue over, closed", "!not_found"},
		{"task", "new, before, open, issue over, closed", "!not_found"},
		{"import", "new, before, open, issue over, closed", "history_imported"},
		{"take-over", "new, before, open, issue over, closed", "primary_changed"},
		{"purge", "new, before, open, issue over, closed", "records_purged"},
		{"sign-head", "new, before, open, issue over, closed", "head_signed"},
		{"lead", "new, before, open, issue over, closed", "lead_stepped"},
		{"lead-again", "new, before, open, issue over, closed", "!lead_state"},
		{"import-cases", "new", "!unknown_matter"},
		{"import-cases", "before, open, issue over, closed", "case_synced"},
		{"sync", "new", "!unknown_matter"},
		{"sync", "before, open, issue over, closed", "case_synced"},
	}
	for _, act := range []string{"arrange", "voice", "areas", "notice"} {
		rows = append(rows, row{act, "new, before, open, issue over, closed", "screens_arranged"})
	}
	for _, act := range []string{"unarrange", "unnotice"} {
		rows = append(rows, row{act, "new, before, open, issue over, closed", "!not_found"})
	}
	for _, act := range []string{"recall", "start", "no-show", "hold", "finish", "transfer-field", "transfer-window", "transfer-later", "split", "identify"} {
		rows = append(rows, row{act, lit, "!no_ticket_in_hand"}, row{act, dark, "!window_closed"}, row{act, "new", "!not_found"})
	}
	rows = append(rows, row{"undo", lit, "!nothing_to_undo"}, row{"undo", dark, "!window_closed"}, row{"undo", "new", "!not_found"})
	for _, act := range []string{"pause", "unpause", "close", "next", "hand-over"} {
		rows = append(rows, row{act, "new", "!not_found"})
	}
	for _, act := range []string{"resume", "resume-into", "reactivate", "cancel", "receipt", "rate", "abandon"} {
		rows = append(rows, row{act, "new, before", "!not_found"})
	}
	return rows
}

func hallSituations() map[string]func(t testing.TB) *day {
	open := func(t testing.TB) *day {
		d := newDay(t)
		d.do(li, hall.OpenWindow{Window: one})
		d.take("A-1")
		return d
	}
	return map[string]func(t testing.TB) *day{
		"new": newHall,
		"before": func(t testing.TB) *day {
			d := newHall(t)
			d.do(hall.System, hall.AdoptLayout{Layout: layout()})
			return d
		},
		"open": open,
		"issue over": func(t testing.TB) *day {
			d := open(t)
			d.at = d.s.View().Until
			return d
		},
		"closed": func(t testing.TB) *day {
			d := open(t)
			d.do(hall.System, hall.CloseDay{})
			return d
		},
	}
}

func TestDecideForEveryStateOfTheHall(t *testing.T) {
	situations := hallSituations()
	cells := table(t, hallRows(), slices.Collect(maps.Keys(situations)))
	demandRows(t, cells)
	for at, want := range cells {
		t.Run(at.cmd+"/"+at.in, func(t *testing.T) {
			d := situations[at.in](t)
			events, code := d.try(li, commands()[at.cmd])
			got := strings.Join(kinds(events), " ")
			switch {
			case code != "":
				got = "!" + string(code)
			case got == "":
				got = "="
			}
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// verify carries out a command and compares what happened with a cell of a table.
func (d *day) verify(by hall.Actor, c hall.Command, want string, state func() string) {
	d.Helper()
	was := state()
	events, code := d.try(by, c)
	got := state()
	switch {
	case code != "":
		got = "!" + string(code)
	case len(events) == 0:
		got = "="
	case got == was:
		got = "~"
	}
	if got != want {
		d.Errorf("%s: got %s, want %s", was, got, want)
	}
}

type cell struct{ cmd, in string }

// table spreads rows out into cells and fails when a command of the rows lacks a situation or has one twice.
func table(t *testing.T, rows []row, situations []string) map[cell]string {
	t.Helper()
	cells := map[cell]string{}
	for _, r := range rows {
		if commands()[r.cmd] == nil {
			t.Fatalf("no command %q", r.cmd)
		}
		for _, in := range strings.Split(r.in, ", ") {
			at := cell{r.cmd, in}
			if cells[at] != "" || !slices.Contains(situations, in) {
				t.Errorf("%v stands twice in the table, or is unknown", at)
			}
			cells[at] = r.out
		}
	}
	for at := range cells {
		for _, in := range situations {
			if cells[cell{at.cmd, in}] == "" {
				t.Fatalf("%s has no row for %q", at.cmd, in)
			}
		}
	}
	return cells
}

// demandRows fails when a command that the package declares and that has one of the fields (or any command, when no
// field is named) has no row.
func demandRows(t *testing.T, cells map[cell]string, fields ...string) {
	t.Helper()
	listed, types := map[string]bool{}, map[string]reflect.Type{}
	for name, c := range commands() {
		typ := reflect.TypeOf(c)
		types[typ.Name()] = typ
		for at := range cells {
			listed[typ.Name()] = listed[typ.Name()] || at.cmd == name
		}
	}
	for _, name := range commandTypes(t) {
		typ := types[name]
		if typ == nil {
			t.Errorf("the command %s is in no table: add it to commands() and give it rows", name)
			continue
		}
		demanded := len(fields) == 0
		for _, f := range fields {
			_, has := typ.FieldByName(f)
			demanded = demanded || has
		}
		if demanded && !listed[name] {
			t.Errorf("the command %s has no rows in this table", name)
		}
	}
}

// TestEveryCodeIsGiven holds the list of codes against the tables: a code that no row gives is dead or untested.
func TestEveryCodeIsGiven(t *testing.T) {
	given := map[string]bool{string(hall.CodeNotYourWindow): true, // the api's, for a clerk bound to another window
		string(hall.CodeNumberTaken): true, // TestRefusedOfflineTickets
		string(hall.CodeClockAhead):  true, // TestAClockFarAhead
		// TestBookingIsRefused, TestCheckIn
		string(hall.CodeSlotFull): true, string(hall.CodeTooEarly): true, string(hall.CodeTooManyMissed): true, string(hall.CodeAppointmentState): true,
		string(hall.CodeTooManyOpen): true, string(hall.CodeTooManyToday): true} // TestAPersonTakesOnlySoMany
	for _, rows := range [][]row{ticketRows(), windowRows(), rowsOfAnother(windowRows()), hallRows(), caseRows(), deskRows()} {
		for _, r := range rows {
			given[strings.TrimPrefix(r.out, "!")] = true
		}
	}
	for _, r := range refusals() {
		given[string(r.code)] = true
	}
	for _, code := range constants(t, "Code") {
		if !given[code] {
			t.Errorf("no row is refused with %s", code)
		}
	}
}

package hall_test

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	"yitang/server/hall"
)

// windowActs are the acts of a clerk by their names in the API, each as good as it can be.
func windowActs() map[string]hall.Command {
	return map[string]hall.Command{
		"open": hall.OpenWindow{Window: one}, "pause": hall.PauseWindow{Window: one}, "resume": hall.ResumeWindow{Window: one},
		"close": hall.CloseWindow{Window: one}, "next": hall.CallNext{Window: one}, "recall": hall.Recall{Window: one},
		"start": hall.Start{Window: one}, "hold": hall.Hold{Window: one}, "no-show": hall.Miss{Window: one},
		"transfer": hall.Transfer{Window: one, Field: "B"}, "split": hall.Split{Window: one, Matters: []hall.MatterCode{"A-1"}},
		"identify": hall.Identify{Window: one, PersonKind: "id", Person: "p-9"}, "finish": hall.Finish{Window: one},
		"hand-over": hall.HandOver{Window: one, Clerk: wang},
	}
}

// TestWhatAWindowOffers holds the offer to Decide: in each situation exactly the acts that it names change something.
func TestWhatAWindowOffers(t *testing.T) {
	take := func(matters ...hall.MatterCode) hall.Command { return ticketFor(matters...) }
	next, start, recall := hall.CallNext{Window: one}, hall.Start{Window: one}, hall.Recall{Window: one}
	situations := map[string][]hall.Command{
		"closed": {hall.CloseWindow{Window: one}}, "paused": {hall.PauseWindow{Window: one}}, "empty": {take("A-1")},
		"called": {take("A-1"), next}, "called twice": {take("A-1"), next, recall}, "called three times": {take("A-1"), next, recall, recall},
		"serving": {take("A-1"), next, start}, "serving two matters": {take("A-1", "A-2"), next, start},
	}
	for name, steps := range situations {
		for _, desk := range []hall.Desk{{}, hall.DefaultDesk(), {Calls: 2, RecallEveryS: 5}, {LastCallFirst: true, Calls: 1}} {
			d := strictAs(t, desk)
			for _, c := range steps {
				if _, isRecall := c.(hall.Recall); isRecall {
					d.at += min1
				}
				if _, code := d.try(li, c); code != "" && code != hall.CodeRecallLimit {
					t.Fatalf("%s: %T: %s", name, c, code)
				}
			}
			d.offers(name, desk)
		}
	}
}

func strictAs(t testing.TB, desk hall.Desk) *day {
	l := layout()
	l.Desk = desk
	d := newHall(t)
	d.do(hall.System, hall.AdoptLayout{Layout: l}, hall.OpenDay{Day: today})
	d.do(li, hall.OpenWindow{Window: one})
	return d
}

func (d *day) offers(name string, desk hall.Desk) {
	d.Helper()
	offer := desk.Offer(d.s.Window(one))
	from := map[string]hall.Millis{"recall": offer.RecallFrom, "no-show": offer.NoShowFrom}
	for act, cmd := range windowActs() {
		events, err := hall.Decide(d.s, cmd, max(d.at, from[act]), li)
		if does := err == nil && len(events) > 0; does != slices.Contains(offer.Acts, act) {
			d.Errorf("%s, %+v: %s is offered: %t; it does something: %t (%v)", name, desk, act, !does, does, err)
		}
		if from[act] > d.at {
			if _, err := hall.Decide(d.s, cmd, from[act]-1, li); err == nil {
				d.Errorf("%s, %+v: %s is not refused before its time", name, desk, act)
			}
		}
	}
}

// TestEndingsAreWhatFinishTakes: the outcomes that a matter may have, with the purpose that the journal then keeps.
func TestEndingsAreWhatFinishTakes(t *testing.T) {
	situations := map[string][]string{"none": nil, "filed": {}, "accepted": {"accept"}, "supplement": {"accept", "notice"}, "suspended": {"accept", "suspend"}, "decided": {"accept", "decide"}}
	for name, steps := range situations {
		for _, outcome := range hall.Outcomes() {
			d := newOffice(t)
			if steps != nil {
				d.come("p-1", "A-1")
				d.finish(hall.Outcome{Matter: "A-1", Outcome: hall.OutcomeIncomplete, Missing: []string{"申请书"}})
				d.step(steps...)
			}
			d.come("p-1", "A-1")
			endings := hall.Endings(d.s.FindCase("p-1", "A-1"), false)
			i := slices.IndexFunc(endings, func(e hall.Ending) bool { return e.Outcome == outcome })
			events, code := d.try(li, hall.Finish{Window: one, Outcomes: []hall.Outcome{{Matter: "A-1", Outcome: outcome,
				Missing: []string{"章程"}, Until: tomorrow, Authority: "公安局"}}})
			switch {
			case (code == "") != (i >= 0):
				t.Errorf("%s: %s is offered: %t; code %q", name, outcome, i >= 0, code)
			case code == "":
				if got := events[len(events)-1].Body.(*hall.TicketFinished).Outcomes[0].Purpose; got != endings[i].Purpose {
					t.Errorf("%s: %s has purpose %s, offered as %s", name, outcome, got, endings[i].Purpose)
				}
			}
		}
	}
}

// TestStepsForAreWhatDecideAllows: for every state of a case, what a department may do with its own and another's.
func TestStepsForAreWhatDecideAllows(t *testing.T) {
	details := caseSteps()
	situations := caseSituations()
	situations["asked"] = []string{"accept", "joint"}
	for name, steps := range situations {
		for _, only := range []string{"", "市监局", "工信局"} {
			d := newOffice(t)
			d.come("p-1", "A-1")
			d.finish(hall.Outcome{Matter: "A-1", Outcome: hall.OutcomeIncomplete, Missing: []string{"申请书"}})
			d.step(steps...)
			c := d.kase(case1)
			for _, step := range slices.Sorted(maps.Keys(details)) {
				detail := details[step]
				if step == string(hall.StepOpinion) {
					detail.Department = cmp.Or(only, "工信局")
				}
				events, err := hall.Decide(d.s, hall.ActOnCase{Case: case1, Step: hall.CaseStep(step), Detail: detail, Only: only}, d.at, "department:x")
				if does, offered := err == nil && len(events) > 0, slices.Contains(c.StepsFor(only), hall.CaseStep(step)); does != offered {
					t.Errorf("%s as %q: %s is offered: %t; it does something: %t (%v)", name, only, step, offered, does, err)
				}
			}
		}
	}
}

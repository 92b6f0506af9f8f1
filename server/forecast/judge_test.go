package forecast_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"yitang/server/forecast"
)

// TestNoLookAhead removes and changes what comes after a moment: not a bit of what was told before may change.
func TestNoLookAhead(t *testing.T) {
	all := office(1, 5, 3, 90)
	const train = 3
	_, told := judge(t, all, train)
	for _, cut := range []struct {
		day string
		at  float64
	}{{"4", 13 * 3600}, {"5", 11.5 * 3600}} {
		before := func(p forecast.Prediction) bool {
			if p.Day != cut.day {
				return p.Day < cut.day
			}
			for _, x := range all {
				if x.day == p.Day && x.name == p.Ticket {
					return x.issue <= cut.at
				}
			}
			t.Fatalf("told a ticket that is not in the history: %+v", p)
			return false
		}
		want := lines(told, before)
		for name, other := range map[string][]ticket{"removed": without(all, cut.day, cut.at), "changed": upset(all, cut.day, cut.at)} {
			_, again := judge(t, other, train)
			known := map[string]bool{}
			for _, p := range told {
				known[p.Day+p.Ticket] = true
			}
			got := lines(again, func(p forecast.Prediction) bool { return known[p.Day+p.Ticket] && before(p) })
			if got != want {
				t.Errorf("the future of day %s after %.0f s %s: forecasts made before differ", cut.day, cut.at, name)
			}
		}
	}
}

// without is the history as it was known at a moment.
func without(all []ticket, day string, at float64) []ticket {
	var out []ticket
	for _, x := range all {
		if x.day > day || x.day == day && x.issue > at {
			continue
		}
		if x.day == day && x.call >= at {
			x.call, x.end = -1, -1
		}
		if x.day == day && x.end >= at {
			x.end = -1
		}
		out = append(out, x)
	}
	return out
}

// upset is the same history up to a moment, and another one after it.
func upset(all []ticket, day string, at float64) []ticket {
	var out []ticket
	for _, x := range all {
		if x.day < day {
			out = append(out, x)
			continue
		}
		if x.day > day || x.issue > at {
			x.issue, x.queue, x.windows = math.Mod(x.issue*7, 3600)+at+1, "Q9", 40
			x.call, x.end = x.issue+5000, x.issue+5001
		}
		if x.call >= at {
			x.call += 777
		}
		if x.end >= at {
			x.end += 1554
		}
		out = append(out, x)
	}
	return out
}

func TestSameQuestionSameAnswer(t *testing.T) {
	all := office(2, 5, 2, 80)
	every := func(forecast.Prediction) bool { return true }
	_, a := judge(t, all, 4)
	_, b := judge(t, all, 4)
	if lines(a, every) != lines(b, every) || len(a) == 0 {
		t.Error("two runs differ")
	}
}

// TestBeatsSimpleRules holds the forecasts to what they exist for, on an office that no choice was made on.
func TestBeatsSimpleRules(t *testing.T) {
	score, told := judge(t, office(3, 8, 3, 260), 7)
	if score.N < 150 || len(told) < score.N {
		t.Fatalf("judged %d, told %d", score.N, len(told))
	}
	if score.MAEMin > score.Baselines.QLLES || score.MAEMin > score.Baselines.Constant {
		t.Errorf("the median's error is %.2f min, simple rules' %+v", score.MAEMin, score.Baselines)
	}
	for _, l := range []forecast.Level{"0.5", "0.8", "0.9"} {
		if skill := 1 - score.Pinball[l]/score.Climatology[l]; skill < 0.2 {
			t.Errorf("%s: skill %.3f against climatology", l, skill)
		}
	}
	if c := score.Coverage["0.9"]; c < 0.75 || c > 0.98 { // one day alone: days differ
		t.Errorf("0.9 covers %.3f", c)
	}
	for _, p := range told {
		if !(p.Told[0] > 0 && p.Told[0] <= p.Told[1] && p.Told[1] <= p.Told[2]) || math.IsInf(p.Told[2], 0) {
			t.Fatalf("told %+v", p)
		}
	}
}

func TestJudgeRefusesDaysThatLeaveNothing(t *testing.T) {
	for _, c := range []struct {
		days, train int
		want        string
	}{
		{3, -1, "choose 1 to 2"}, {3, 0, "choose 1 to 2"}, {3, 3, "choose 1 to 2"}, {3, 4, "choose 1 to 2"},
		{2, 2, "choose 1"}, {1, 1, "the history has 1 day"}, {0, 1, "the history has no ticket"},
	} {
		_, _, err := forecast.Judge(t.Context(), read(t, office(1, c.days, 1, 20)), c.train, func(int, int) {})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "1 to 1") || strings.Contains(err.Error(), "1 to 0") {
			t.Errorf("%d days of training of %d: %v", c.train, c.days, err)
		}
	}
}

// TestLittleHistory tells something also where next to nothing is known.
func TestLittleHistory(t *testing.T) {
	once := []ticket{{day: "1", queue: "A", name: "1", issue: 5, call: 95, end: -1}} // the one day on which anybody waited
	for _, day := range []string{"2", "3", "4", "5"} {
		once = append(once, ticket{day: day, queue: "A", name: "1", issue: 5, call: 5, end: -1}, ticket{day: day, queue: "A", name: "2", issue: 6, call: -1, end: -1})
	}
	for name, c := range map[string]struct {
		all   []ticket
		train int
	}{"3 tickets": {office(4, 2, 2, 3), 1}, "60 tickets": {office(4, 2, 2, 60), 1}, "3 tickets on 5 days": {office(4, 5, 2, 3), 4}, "one day": {once, 4}} {
		score, told := judge(t, c.all, c.train)
		if len(told) < score.N || len(told) == 0 {
			t.Errorf("%s: told %d, judged %d", name, len(told), score.N)
		}
		for _, p := range told {
			if !(p.Told[0] > 0 && p.Told[2] < math.Inf(1)) {
				t.Errorf("%s: told %+v", name, p)
			}
		}
	}
}

// TestNothingToLearn: where nobody's wait is known there is no forecast, and none is made up.
func TestNothingToLearn(t *testing.T) {
	for name, first := range map[string]ticket{"never called": {call: -1}, "called at once": {call: 5}} {
		first.day, first.queue, first.name, first.issue, first.end = "1", "A", "1", 5, -1
		days := read(t, []ticket{first, {day: "2", queue: "A", name: "1", issue: 5, call: 9, end: -1}})
		_, _, err := forecast.Judge(t.Context(), days, 1, func(int, int) {})
		if err == nil || !strings.Contains(err.Error(), "nobody waited") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNothingToScore: a figure over nobody is null, never 0. Who still waits is told all the same.
func TestNothingToScore(t *testing.T) {
	score, told := judge(t, []ticket{
		{day: "1", queue: "A", name: "1", issue: 5, call: 95, end: -1},
		{day: "2", queue: "A", name: "1", issue: 5, call: 5, end: -1},
		{day: "2", queue: "A", name: "2", issue: 6, call: -1, end: -1},
	}, 1)
	if len(told) != 1 || !(told[0].Told[0] > 0) {
		t.Errorf("told %+v", told)
	}
	got, err := json.Marshal(score)
	if err != nil {
		t.Fatal(err)
	}
	const levels = `{"0.5":null,"0.8":null,"0.9":null}`
	want := `{"n":0,"mae_min":null,"rmse_min":null,"bias_min":null,"pinball":` + levels + `,"climatology":` + levels +
		`,"coverage":` + levels + `,"baselines":{"ql":null,"les":null,"ql_les_mean":null,"constant":null}}`
	if string(got) != want {
		t.Errorf("%s", got)
	}
}

package forecast_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"yitang/server/forecast"
)

// ticket is a line of a history before it is written, with times in seconds; a negative time is unknown.
type ticket struct {
	day, queue, name string
	issue, call, end float64
	windows          int
}

// office makes the days of a small office: queues share windows, the morning is busy, some people leave.
func office(seed uint64, days, queues, perDay int) []ticket {
	r := rand.New(rand.NewPCG(seed, 1))
	var out []ticket
	for d := range days {
		free := make([]float64, queues+1) // window w serves queue w, the last one serves all
		for w := range free {
			free[w] = 9 * 3600
		}
		at := 8.8 * 3600
		for n := range perDay {
			at += r.ExpFloat64() * 8 * 3600 / max(100, float64(perDay)) * (0.6 + 0.8*float64(n)/float64(perDay))
			q := r.IntN(queues)
			w := q
			if free[queues] < free[q] {
				w = queues
			}
			t := ticket{day: fmt.Sprint(d + 1), queue: fmt.Sprint("Q", q), name: fmt.Sprint("T", n+1), issue: math.Round(at), call: -1, end: -1, windows: 2}
			t.call = math.Round(max(t.issue, free[w]))
			if t.call-t.issue > 4000*r.Float64()+1000 {
				t.call, t.end = -1, t.issue+600
			} else {
				t.end = math.Round(t.call + 60 + r.ExpFloat64()*float64(queues+1)*7.2*3600/max(100, float64(perDay)))
				free[w] = t.end
			}
			out = append(out, t)
		}
	}
	return out
}

func text(list []ticket) string {
	var b strings.Builder
	b.WriteString("day,queue,ticket,issue_s,call_s,end_s,windows\n")
	cell := func(s float64) string {
		if s < 0 {
			return ""
		}
		return fmt.Sprint(s)
	}
	for _, t := range list {
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%d\n", t.day, t.queue, t.name, cell(t.issue), cell(t.call), cell(t.end), t.windows)
	}
	return b.String()
}

func read(t testing.TB, list []ticket) []forecast.HistoryDay {
	t.Helper()
	days, err := forecast.ReadHistory(strings.NewReader(text(list)))
	if err != nil {
		t.Fatal(err)
	}
	return days
}

func judge(t testing.TB, list []ticket, train int) (*forecast.Score, []forecast.Prediction) {
	t.Helper()
	score, told, err := forecast.Judge(t.Context(), read(t, list), train, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return score, told
}

// told writes the predictions that keep says, in full precision.
func lines(told []forecast.Prediction, keep func(p forecast.Prediction) bool) string {
	var b bytes.Buffer
	for _, p := range told {
		if keep(p) {
			fmt.Fprintln(&b, p.Day, p.Queue, p.Ticket, p.Told)
		}
	}
	return b.String()
}

package whatif_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"yitang/server/hall"
	"yitang/server/route"
	"yitang/server/whatif"
)

const (
	clerk hall.Actor  = "clerk:li"
	ten   hall.Millis = 1748916000000
	min1  hall.Millis = 60_000
)

// TestLiveHallMakesTheSameCalls replays a day and has a live hall carry out the same commands at the same moments: who
// comes, which window asks for the next, who is done, which window opens and closes. Each call must be the same, also
// the calls that find nobody.
func TestLiveHallMakesTheSameCalls(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l := drawLayout(r)
		d := drawDay(r, l)
		live := &liveHall{T: r, s: hall.New(route.Rule{}), day: d, layout: l}
		live.do(ten-1, hall.System, hall.AdoptLayout{Layout: *l})
		live.do(ten-1, hall.System, hall.OpenDay{Day: "2025-06-03"})
		result, err := whatif.Trace(l, d, live.step)
		if err != nil {
			r.Fatal(err)
		}
		if result.Overall.N+result.Overall.Unserved != len(d.Visits) {
			r.Fatalf("%d came, %d were served, %d not", len(d.Visits), result.Overall.N, result.Overall.Unserved)
		}
		if n := live.s.Floor().Waiting(); n != result.Overall.Unserved {
			r.Fatalf("%d still wait in the live hall, %d were not served in the replay", n, result.Overall.Unserved)
		}
		if live.calls < result.Overall.N {
			r.Fatalf("%d calls for %d people", live.calls, result.Overall.N)
		}
	})
}

// liveHall follows a replay.
type liveHall struct {
	*rapid.T
	s      *hall.State
	layout *hall.Layout
	day    *whatif.Day
	ids    map[hall.TicketID]int
	calls  int
}

func (h *liveHall) do(at hall.Millis, by hall.Actor, c hall.Command) []hall.Event {
	events, err := hall.Decide(h.s, c, at, by)
	if err != nil {
		h.Fatalf("%T%+v: %v", c, c, err)
	}
	for i := range events {
		h.s.Apply(&events[i])
	}
	return events
}

func (h *liveHall) step(s whatif.Step) {
	if s.Kind == whatif.StepCame {
		h.came(s)
		return
	}
	w := h.layout.Windows[s.Post].ID
	switch s.Kind {
	case whatif.StepOpen:
		h.do(s.At, clerk, hall.OpenWindow{Window: w})
	case whatif.StepClose:
		h.do(s.At, clerk, hall.CloseWindow{Window: w})
	case whatif.StepFinish:
		h.do(s.At, clerk, hall.Finish{Window: w})
	case whatif.StepCall:
		h.call(s, w)
	}
}

func (h *liveHall) came(s whatif.Step) {
	v := h.day.Visits[s.Tag]
	events := h.do(s.At, "kiosk:1", hall.Take{Matters: v.Matters, Priority: v.Priority, Slot: v.Slot, Deliver: v.Deliver,
		Language: "zh", Channel: "kiosk", PersonKind: "none"})
	if h.ids == nil {
		h.ids = map[hall.TicketID]int{}
	}
	h.ids[events[0].Subject()] = s.Tag
}

func (h *liveHall) call(s whatif.Step, w hall.WindowID) {
	events := h.do(s.At, clerk, hall.CallNext{Window: w})
	got := -1
	if len(events) > 0 {
		got = h.ids[events[0].Subject()]
		h.calls++
	}
	if got != s.Tag {
		h.Fatalf("at %d window %s calls %d in the live hall, %d in the replay", s.At-ten, w, got, s.Tag)
	}
}

func drawLayout(r *rapid.T) *hall.Layout {
	const letters = "ABCD"
	zh := hall.Text{"zh": "名"}
	l := &hall.Layout{Version: "1", Hall: "h", Name: zh, Hours: hall.Hours{Always: true}, Calling: hall.Calling{
		Policy: rapid.SampledFrom(hall.Policies()).Draw(r, "policy"), Pure: rapid.Bool().Draw(r, "pure")}}
	for _, f := range letters {
		l.Fields = append(l.Fields, hall.Field{ID: hall.FieldID(f), Name: zh})
		for i, kind := range []hall.MatterKind{hall.OnTheSpot, hall.Promised} {
			l.Matters = append(l.Matters, hall.Matter{Code: hall.MatterCode(fmt.Sprintf("%c-%d", f, i)), Name: zh, Field: hall.FieldID(f), Kind: kind})
		}
	}
	kinds := []hall.WindowKind{hall.OfField, hall.OfField, hall.General, hall.Delivery}
	for i := range rapid.IntRange(2, 7).Draw(r, "windows") {
		w := hall.WindowPlan{ID: hall.WindowID(fmt.Sprint(i + 1)), Kind: rapid.SampledFrom(kinds).Draw(r, "kind"), Acts: map[hall.FieldID][]hall.Act{}}
		for _, f := range rapid.Permutation([]hall.FieldID{"A", "B", "C", "D"}).Draw(r, "fields")[:rapid.IntRange(1, 4).Draw(r, "skills")] {
			w.Fields = append(w.Fields, f)
			if rapid.IntRange(0, 4).Draw(r, "narrowed") == 0 {
				w.Acts[f] = []hall.Act{rapid.SampledFrom(hall.Acts()).Draw(r, "act")}
			}
		}
		l.Windows = append(l.Windows, w)
	}
	return l
}

func drawDay(r *rapid.T, l *hall.Layout) *whatif.Day {
	d := &whatif.Day{Day: "2025-06-03", Stay: rapid.Bool().Draw(r, "stay")}
	codes := make([]hall.MatterCode, len(l.Matters))
	for i, m := range l.Matters {
		codes[i] = m.Code
	}
	at := ten
	classes := []hall.Priority{hall.Ordinary, hall.Ordinary, hall.Elderly, hall.ByAppointment}
	for range rapid.IntRange(1, 60).Draw(r, "people") {
		at += hall.Millis(rapid.IntRange(0, 4).Draw(r, "gap")) * min1
		v := whatif.Visit{At: at, Priority: rapid.SampledFrom(classes).Draw(r, "class"), Service: hall.Millis(rapid.IntRange(1, 20).Draw(r, "service")) * min1,
			Deliver: rapid.IntRange(0, 5).Draw(r, "deliver") == 0, Matters: rapid.Permutation(codes).Draw(r, "matters")[:rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(r, "many")]}
		if v.Priority == hall.ByAppointment {
			v.Slot = at + hall.Millis(rapid.IntRange(-15, 15).Draw(r, "slot"))*min1
		}
		d.Visits = append(d.Visits, v)
	}
	for _, w := range l.Windows {
		from := ten + hall.Millis(rapid.IntRange(0, 30).Draw(r, "from"))*min1
		until := from + hall.Millis(rapid.IntRange(1, 200).Draw(r, "until"))*min1
		d.Spells = append(d.Spells, whatif.Spell{Window: w.ID, From: from, To: until})
	}
	return d
}

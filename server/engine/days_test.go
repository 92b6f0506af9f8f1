package engine_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
)

// How many hall days are simulated, and from which seed; `make torture` has 10,000.
var (
	simDays = flag.Int("days", 60, "hall days of TestDaysWithFaults")
	simSeed = flag.Uint64("days.seed", 1, "seed of TestDaysWithFaults")
)

// TestDaysWithFaults lets chance run a hall for many days, deterministically by seed, on a disk that loses commits before
// or after they are down, with clients that ask again under their key. Invariants: what was acknowledged is on disk; no
// key acts twice; numbers are unique and gapless; a ticket is in one place; nobody is passed over who has waited longest
// in targets and over twice the target; the replay equals the live hall.
func TestDaysWithFaults(t *testing.T) {
	var sum tally
	for day := range *simDays {
		// Each day has a seed of its own, so that a failing one is seen at once by -days=1 -days.seed=N.
		w := newWorld(t, *simSeed+uint64(day))
		w.live()
		sum.add(w.tally)
	}
	t.Logf("%d days from seed %d: %+v", *simDays, *simSeed, sum)
	if sum.Crashes == 0 || sum.Again == 0 || sum.Calls == 0 || sum.Guarded == 0 {
		t.Errorf("the days were too quiet to say anything: %+v", sum)
	}
}

// tally counts what happened, to see that the days are worth something.
type tally struct{ Batches, Commands, Refused, Tickets, Calls, Guarded, Crashes, Again int }

func (n *tally) add(m tally) {
	n.Batches += m.Batches
	n.Commands += m.Commands
	n.Refused += m.Refused
	n.Tickets += m.Tickets
	n.Calls += m.Calls
	n.Guarded += m.Guarded
	n.Crashes += m.Crashes
	n.Again += m.Again
}

// disk is a journal whose Append may fail, with the entries on disk or not.
type disk struct {
	journal
	fail, torn bool
}

var errDisk = errors.New("the disk failed")

func (d *disk) Append(entries []hall.Entry) error {
	if d.fail && !d.torn {
		return errDisk
	}
	if err := d.journal.Append(entries); err != nil || d.fail {
		return errors.Join(err, errDisk)
	}
	return nil
}

// sent is a request whose sender waits for the answer.
type sent struct {
	engine.Request
	tries int
}

// world is one hall day.
type world struct {
	*testing.T
	tally
	seed    uint64
	rng     *rand.Rand
	at      time.Time
	disk    *disk
	eng     *engine.Engine
	shadow  *hall.State // what the journal says, event by event
	seen    int         // entries of the disk that shadow has
	unsure  []sent
	acked   map[string][]byte // by actor and key
	keys    int
	numbers map[hall.FieldID]int
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{T: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 0)), at: time.UnixMilli(1748916000000),
		disk: &disk{}, shadow: hall.New(route.Rule{}), acked: map[string][]byte{}, numbers: map[hall.FieldID]int{}}
	w.boot()
	w.batch(w.wrap("system", hall.AdoptLayout{Layout: manyWindows()}))
	w.batch(w.wrap("system", hall.OpenDay{Day: "2025-06-03"}))
	return w
}

// manyWindows is a hall of three fields: general, field and single windows.
func manyWindows() hall.Layout {
	l := layout()
	zh := func(s string) hall.Text { return hall.Text{"zh": s} }
	l.Fields = append(l.Fields, hall.Field{ID: "C", Name: zh("交通")})
	l.Matters = append(l.Matters, hall.Matter{Code: "C-1", Name: zh("三"), Field: "C", Kind: hall.OnTheSpot})
	l.Windows = append(l.Windows, hall.WindowPlan{ID: "3", Kind: hall.General, Fields: []hall.FieldID{"B", "C"}},
		hall.WindowPlan{ID: "4", Kind: hall.General, Fields: []hall.FieldID{"C"}})
	return l
}

func (w *world) failf(format string, args ...any) {
	w.Helper()
	w.Fatalf("seed %d: %s (again: -run TestDaysWithFaults -days=1 -days.seed=%d)", w.seed, fmt.Sprintf(format, args...), w.seed)
}

// boot starts a hall on what the disk holds.
func (w *world) boot() {
	var err error
	w.eng, err = engine.New(context.Background(), w.disk, route.Rule{}, func() time.Time { return w.at }, func(*hall.View) {})
	if err != nil {
		w.failf("start: %v", err)
	}
}

func (w *world) wrap(by hall.Actor, c hall.Command) sent {
	w.keys++
	return sent{Request: engine.Request{Actor: by, Key: fmt.Sprint("k", w.keys), Digest: fmt.Sprintf("%T%v", c, c), Command: c, Answer: number}}
}

// live is the day: batches of chance, and crashes.
func (w *world) live() {
	for range 120 {
		w.at = w.at.Add(time.Duration(w.rng.IntN(240)) * time.Second)
		var list []sent
		for range 1 + w.rng.IntN(8) {
			list = append(list, w.draw())
		}
		if len(w.unsure) > 0 {
			list, w.unsure = append(list, w.unsure...), nil
		}
		w.disk.fail, w.disk.torn = w.rng.IntN(12) == 0, w.rng.IntN(2) == 0
		w.batch(list...)
		w.disk.fail = false
		if w.rng.IntN(40) == 0 {
			w.Crashes++ // SIGKILL between two batches
			w.boot()
		}
		w.places()
	}
	for len(w.unsure) > 0 {
		list := w.unsure
		w.unsure = nil
		w.batch(list...)
	}
	w.batch(w.wrap("system", hall.CloseDay{}))
	w.places()
	w.end()
}

// draw makes a command of a kiosk or a clerk; many are refused, as in life.
func (w *world) draw() sent {
	n := w.rng.IntN(4) + 1
	win := hall.WindowID(fmt.Sprint(n))
	clerk := hall.Actor(fmt.Sprint("clerk:", n))
	if w.rng.IntN(4) == 0 {
		return w.wrap("kiosk:1", w.take())
	}
	ticket := hall.MakeTicketID("2025-06-03", hall.Number([]hall.FieldID{"A", "B", "C"}[w.rng.IntN(3)], 1+w.rng.IntN(40)))
	cmds := []hall.Command{
		hall.OpenWindow{Window: win}, hall.CallNext{Window: win}, hall.CallNext{Window: win}, hall.Start{Window: win},
		hall.Finish{Window: win}, hall.Finish{Window: win}, hall.Recall{Window: win}, hall.Miss{Window: win},
		hall.Hold{Window: win, Reason: "copy"}, hall.ResumeTicket{Ticket: ticket, Window: win}, hall.Reactivate{Ticket: ticket},
		hall.Transfer{Window: win, Field: []hall.FieldID{"A", "B", "C"}[w.rng.IntN(3)], Reason: "field"},
		hall.Cancel{Ticket: ticket, Reason: "gave up"}, hall.PauseWindow{Window: win, Reason: "lunch"}, hall.ResumeWindow{Window: win},
		hall.CloseWindow{Window: win}, hall.OpenWindow{Window: win}, hall.CallNext{Window: win},
	}
	return w.wrap(clerk, cmds[w.rng.IntN(len(cmds))])
}

func (w *world) take() hall.Take {
	t := hall.Take{Matters: []hall.MatterCode{[]hall.MatterCode{"A-1", "B-1", "C-1"}[w.rng.IntN(3)]}, Language: "zh", Channel: "kiosk",
		PersonKind: "none", Track: fmt.Sprint("t", w.keys),
		Priority: []hall.Priority{hall.Ordinary, hall.Ordinary, hall.Ordinary, hall.Elderly, hall.ByAppointment}[w.rng.IntN(5)]}
	if other := []hall.MatterCode{"A-1", "B-1", "C-1"}[w.rng.IntN(3)]; w.rng.IntN(6) == 0 && other != t.Matters[0] {
		t.Matters = append(t.Matters, other)
	}
	return t
}

// batch sends requests together and keeps those without an answer.
func (w *world) batch(list ...sent) {
	w.Batches++
	reqs := make([]engine.Request, len(list))
	for i := range list {
		reqs[i] = list[i].Request
		if list[i].tries++; list[i].tries > 1 {
			w.Again++
		}
	}
	replies, err := w.eng.Batch(reqs)
	if err != nil {
		if !errors.Is(err, errDisk) {
			w.failf("batch: %v", err)
		}
		w.Crashes++
		w.unsure = append(w.unsure, list...)
		w.boot()
		w.follow()
		return
	}
	w.follow()
	for i, r := range replies {
		w.Commands++
		if r.Err != nil {
			w.Refused++
			continue
		}
		w.acked[string(reqs[i].Actor)+" "+reqs[i].Key] = r.Answer
	}
}

// follow lets the shadow see what is new on disk, event by event.
func (w *world) follow() {
	for ; w.seen < len(w.disk.entries); w.seen++ {
		for i := range w.disk.entries[w.seen].Events {
			e := &w.disk.entries[w.seen].Events[i]
			if e.Seq != w.shadow.Seq()+1 {
				w.failf("event %d follows %d", e.Seq, w.shadow.Seq())
			}
			switch b := e.Body.(type) {
			case *hall.TicketIssued:
				w.Tickets++
				w.numbers[b.Field]++
				if want := hall.Number(b.Field, w.numbers[b.Field]); b.Number != want {
					w.failf("number %s was issued where %s is next", b.Number, want)
				}
			case *hall.TicketCalled:
				w.Calls++
				w.fair(e.At, b)
			}
			w.shadow.Apply(e)
		}
	}
}

// fair wants nobody to be passed over who has waited over twice the target and longer, in targets, than the called one.
func (w *world) fair(at hall.Millis, called *hall.TicketCalled) {
	terms, v := w.shadow.Layout().Terms(), w.shadow.View()
	ratio := func(t *hall.Ticket) float64 { return float64(at-t.Since) / float64(terms.Targets[t.Priority.Class()]) }
	t := w.shadow.Ticket(called.Ticket)
	if t.State != hall.Waiting {
		w.failf("%s was called while %s", t.ID, t.State)
	}
	if t.Place == 0 { // back from a hold
		return
	}
	for _, q := range v.Queues {
		if !v.Window(called.Window).Plan.Serves(q.Field.ID) {
			continue
		}
		for _, other := range q.Waiting {
			if len(other.Remaining) > 1 && !other.Directed {
				continue // goes to a window that does all of it, if one is open
			}
			if r := ratio(other); r >= 2 {
				w.Guarded++
				if r > ratio(t)+1e-9 {
					w.failf("window %s called %s (%.2f targets) past %s (%.2f)", called.Window, t.ID, ratio(t), other.ID, r)
				}
			}
		}
	}
}

// places wants each ticket in one place, and the live hall to be what the journal says.
func (w *world) places() {
	v := w.eng.View()
	seen := map[hall.TicketID]string{}
	at := func(place string, list ...*hall.Ticket) {
		for _, t := range list {
			if was := seen[t.ID]; was != "" {
				w.failf("%s is at %s and at %s", t.ID, was, place)
			}
			seen[t.ID] = place
		}
	}
	for _, q := range v.Queues {
		at("queue "+string(q.Field.ID), q.Waiting...)
	}
	for id, list := range v.AtWindow {
		at("the queue of window "+string(id), list...)
	}
	for _, win := range v.Windows {
		if win.Ticket != nil {
			at("window "+string(win.Plan.ID), win.Ticket)
		}
	}
	at("hold", v.Held...)
	n := v.Totals
	if live := n.Waiting + n.Called + n.Serving + n.Held; live != len(seen) {
		w.failf("%d live tickets in %d places", live, len(seen))
	}
	if all := len(seen) + n.Done + n.NoShow + n.Abandoned + n.Cancelled; all != w.Tickets {
		w.failf("%d tickets of %d", all, w.Tickets)
	}
	if diff := cmp.Diff(w.shadow.View().Totals, n); diff != "" || v.Seq != w.shadow.Seq() {
		w.failf("the hall is not what the journal says:\n%s", diff)
	}
}

// end holds the whole day against the disk: answers, keys, the replay.
func (w *world) end() {
	kept := map[string][]byte{}
	for _, e := range w.disk.entries {
		if e.Key == "" {
			continue
		}
		k := string(e.Actor) + " " + e.Key
		if _, twice := kept[k]; twice {
			w.failf("the key %s acted twice", k)
		}
		kept[k] = e.Answer
	}
	for k, answer := range w.acked {
		if got, ok := kept[k]; !ok || !slices.Equal(got, answer) {
			w.failf("%s was answered %q, the disk has %q (%v)", k, answer, got, ok)
		}
	}
	live := w.eng.View()
	w.boot()
	if diff := cmp.Diff(live, w.eng.View(), cmp.AllowUnexported(hall.View{}, hall.Ticket{})); diff != "" {
		w.failf("the replay differs (-live +replay):\n%s", diff)
	}
}

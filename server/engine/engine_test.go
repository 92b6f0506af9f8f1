package engine_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/route"
)

// gated is a journal whose Append waits for the test.
func gated(t *testing.T) *journal {
	t.Helper()
	j := opened(t)
	j.enter, j.release = make(chan struct{}), make(chan error)
	return j
}

// pass lets every further commit pass.
func pass(t *testing.T, j *journal) {
	go func() {
		for {
			select {
			case j.release <- nil:
			case <-j.enter:
			case <-t.Context().Done():
				return
			}
		}
	}()
}

// result is what a caller of Do got.
type result struct {
	answer string
	err    error
}

// ask calls Do on a goroutine of its own.
func ask(e *engine.Engine, req engine.Request) <-chan result {
	out := make(chan result, 1)
	go func() {
		a, err := e.Do(context.Background(), req)
		out <- result{string(a), err}
	}()
	return out
}

// TestGroupCommit holds the first commit; all that comes meanwhile goes to disk in one second commit.
func TestGroupCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := gated(t)
		e, v, stop := start(t, j)
		before := e.View().Seq
		first := ask(e, request("", "A-1"))
		<-j.enter
		var rest []<-chan result
		for range 100 {
			rest = append(rest, ask(e, request("", "A-1")))
		}
		synctest.Wait() // all of them wait for the loop
		if got := e.View().Seq; got != before {
			t.Errorf("the view shows event %d before it is on disk", got)
		}
		j.release <- nil
		<-j.enter
		if got := (<-first).answer; got != "A001" {
			t.Errorf("the first got %q", got)
		}
		if n := len(e.View().Queue("A").Waiting); n != 1 {
			t.Errorf("%d wait before the second commit, want 1", n)
		}
		j.release <- nil
		seen := map[string]bool{}
		for _, r := range rest {
			got := <-r
			if got.err != nil || seen[got.answer] {
				t.Fatalf("got %+v", got)
			}
			seen[got.answer] = true
		}
		if got := j.sizes(); !slices.Equal(got, []int{1, 100}) {
			t.Errorf("commits of %v entries, want 1 and 100", got)
		}
		if got := v.seqs(); !slices.Equal(got, []uint64{before, before + 1, before + 101}) {
			t.Errorf("published %v", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestBatchBound commits no more than 256 commands at once.
func TestBatchBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := gated(t)
		e, _, stop := start(t, j)
		asked := []<-chan result{ask(e, request("", "A-1"))}
		<-j.enter
		for range 600 {
			asked = append(asked, ask(e, request("", "A-1")))
		}
		synctest.Wait()
		pass(t, j)
		for _, r := range asked {
			if got := <-r; got.err != nil {
				t.Fatal(got.err)
			}
		}
		if got := j.sizes(); !slices.Equal(got, []int{1, 256, 256, 88}) {
			t.Errorf("commits of %v entries", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestBusy fills the next batch and the queue: the caller beyond the bound is told so at once and nothing of it happens.
func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound = 256 + 4096
		j := gated(t)
		e, _, stop := start(t, j)
		asked := []<-chan result{ask(e, request("", "A-1"))}
		<-j.enter
		for n := range bound {
			asked = append(asked, ask(e, request("", "A-1")))
			if n == 255 {
				synctest.Wait() // the batch is full, so that the rest stays in the queue
			}
		}
		synctest.Wait()
		if _, err := e.Do(context.Background(), request("one too many", "A-1")); !errors.Is(err, engine.ErrBusy) {
			t.Errorf("the caller beyond the bound got %v", err)
		}
		pass(t, j)
		for _, r := range asked {
			if got := <-r; got.err != nil {
				t.Fatal(got.err)
			}
		}
		if n := len(e.View().Queue("A").Waiting); n != bound+1 {
			t.Errorf("%d tickets, want %d", n, bound+1)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestRefused changes nothing and writes nothing, alone or among others; its key may be tried again.
func TestRefused(t *testing.T) {
	j := opened(t)
	e, v, _ := start(t, j)
	next := engine.Request{Actor: clerk, Key: "k", Digest: "next", Command: hall.CallNext{Window: "1"}, Answer: number}
	_, err := e.Do(t.Context(), next)
	var no *hall.Error
	if !errors.As(err, &no) || no.Code != hall.CodeWindowClosed {
		t.Fatalf("got %v", err)
	}
	if len(j.sizes()) != 0 || len(v.seqs()) != 1 {
		t.Errorf("a refusal was written (%v) or published (%v)", j.sizes(), v.seqs())
	}
	do(t, e, request("", "A-1"))
	do(t, e, engine.Request{Actor: clerk, Command: hall.OpenWindow{Window: "1"}})
	if got := do(t, e, next); got != "A001" {
		t.Errorf("the same key after the refusal: %q", got)
	}
	if got := do(t, e, next); got != "A001" {
		t.Errorf("the same key after the answer: %q", got)
	}
}

// TestRefusedAmongOthers puts a refusal between two commands of one batch.
func TestRefusedAmongOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := gated(t)
		e, _, stop := start(t, j)
		first := ask(e, request("", "A-1"))
		<-j.enter
		var asked []<-chan result
		for i, m := range []hall.MatterCode{"A-1", "unknown", "A-1"} {
			asked = append(asked, ask(e, request(string(rune('a'+i)), m)))
			synctest.Wait()
		}
		j.release <- nil
		<-j.enter
		j.release <- nil
		var got []string
		for _, r := range append([]<-chan result{first}, asked...) {
			x := <-r
			if x.err != nil {
				x.answer = "refused"
			}
			got = append(got, x.answer)
		}
		if want := []string{"A001", "A002", "refused", "A003"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v: no number is skipped after a refusal", got, want)
		}
		if got := j.sizes(); !slices.Equal(got, []int{1, 2}) {
			t.Errorf("commits of %v entries", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestSameKey gives the first answer again: in the same batch, in a later one and after a restart. Another actor's key
// is another key.
func TestSameKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := gated(t)
		e, _, stop := start(t, j)
		hold := ask(e, request("", "B-1"))
		<-j.enter
		one, two := ask(e, request("k", "A-1")), ask(e, request("k", "A-1"))
		synctest.Wait()
		third := ask(e, request("k", "B-1")) // the same key for another request, in the same batch
		synctest.Wait()
		j.release <- nil
		<-j.enter
		j.release <- nil
		if a, b := <-one, <-two; a != b || a.answer != "A001" || a.err != nil {
			t.Errorf("in one batch: %+v and %+v", a, b)
		}
		if got := <-third; !errors.Is(got.err, engine.ErrKeyReused) || got.answer != "" {
			t.Errorf("the same key for another request in the batch: %+v", got)
		}
		<-hold
		j.enter, j.release = nil, nil // Run is idle: nothing reads them
		if got := do(t, e, request("k", "A-1")); got != "A001" {
			t.Errorf("later: %q", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		e, _, stop = start(t, j)
		if got := do(t, e, request("k", "A-1")); got != "A001" {
			t.Errorf("after a restart: %q", got)
		}
		if _, err := e.Do(t.Context(), request("k", "B-1")); !errors.Is(err, engine.ErrKeyReused) {
			t.Errorf("the same key for another request after a restart: %v", err)
		}
		other := request("k", "A-1")
		other.Actor = "kiosk:2"
		if got := do(t, e, other); got != "A002" {
			t.Errorf("another kiosk's own key: %q", got)
		}
		if n := len(e.View().Queue("A").Waiting); n != 2 {
			t.Errorf("%d tickets, want 2", n)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestOnTheWay decides on what is not on disk yet, and tells nobody before it is: not a repeated request, nor one that is
// refused because of it.
func TestOnTheWay(t *testing.T) {
	for _, c := range []struct {
		name   string
		commit error
	}{{"it arrives", nil}, {"it fails", errors.New("disk full")}} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := gated(t)
				e, _, stop := start(t, j)
				one := ask(e, request("k", "A-1"))
				<-j.enter
				again, other := ask(e, request("k", "A-1")), ask(e, request("k", "B-1"))
				synctest.Wait()
				if len(again) != 0 || len(other) != 0 {
					t.Fatal("told before the first is on disk")
				}
				j.release <- c.commit
				got := []result{<-one, <-again, <-other}
				want := []result{{"A001", nil}, {"A001", nil}, {"", engine.ErrKeyReused}}
				if c.commit != nil {
					want = []result{{"", engine.ErrStopped}, {"", engine.ErrStopped}, {"", engine.ErrStopped}}
				}
				if !slices.EqualFunc(got, want, func(a, b result) bool { return a.answer == b.answer && errors.Is(a.err, b.err) }) {
					t.Errorf("got %v, want %v", got, want)
				}
				if n := len(j.sizes()); c.commit == nil && n != 1 {
					t.Errorf("%d commits, want one: the others changed nothing", n)
				}
				if err := stop(); !errors.Is(err, c.commit) {
					t.Error(err)
				}
			})
		})
	}
}

// TestEmptyAnswerIsKept: what changed nothing was an answer too, and is given again although somebody waits by then.
func TestEmptyAnswerIsKept(t *testing.T) {
	e, v, _ := start(t, opened(t))
	do(t, e, engine.Request{Actor: clerk, Command: hall.OpenWindow{Window: "1"}})
	next := engine.Request{Actor: clerk, Key: "k", Digest: "next", Command: hall.CallNext{Window: "1"}, Answer: number}
	if got := do(t, e, next); got != "" {
		t.Fatalf("nobody waits, but %q was called", got)
	}
	if n := len(v.seqs()); n != 2 { // of the start and of the window: what changes nothing is no news
		t.Errorf("%d views were published", n)
	}
	do(t, e, request("", "A-1"))
	if got := do(t, e, next); got != "" {
		t.Errorf("the same key called %q", got)
	}
}

// TestFailingCommit ends Run with an error; nobody is answered with success and nothing of it is ever shown.
func TestFailingCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := gated(t)
		e, v, stop := start(t, j)
		before := e.View()
		inHand := []<-chan result{ask(e, request("a", "A-1"))}
		<-j.enter
		for _, k := range []string{"b", "c"} { // these wait for the next batch, which never comes
			inHand = append(inHand, ask(e, request(k, "A-1")))
		}
		synctest.Wait()
		full := errors.New("disk full")
		j.release <- full
		for _, r := range inHand {
			if got := <-r; !errors.Is(got.err, engine.ErrStopped) || got.answer != "" {
				t.Errorf("after a failed commit a caller got %+v", got)
			}
		}
		if err := stop(); !errors.Is(err, full) {
			t.Errorf("Run returned %v", err)
		}
		if _, err := e.Do(context.Background(), request("d", "A-1")); !errors.Is(err, engine.ErrStopped) {
			t.Errorf("a later caller got %v", err)
		}
		if e.View() != before || len(v.seqs()) != 1 {
			t.Errorf("the view moved to event %d, published %v", e.View().Seq, v.seqs())
		}
	})
}

// failing is a journal that cannot look up keys or replay.
type failing struct {
	*journal
	err error
}

func (f failing) Answer(hall.Actor, string) ([]byte, string, bool, error) {
	return nil, "", false, f.err
}

func TestFailingLookUp(t *testing.T) {
	broken := errors.New("broken")
	e, v, stop := start(t, failing{opened(t), broken})
	if _, err := e.Do(t.Context(), request("k", "A-1")); !errors.Is(err, engine.ErrStopped) {
		t.Errorf("got %v", err)
	}
	if err := stop(); !errors.Is(err, broken) || len(v.seqs()) != 1 {
		t.Errorf("Run returned %v, published %v", err, v.seqs())
	}
}

type noReplay struct{ failing }

func (n noReplay) Replay(context.Context, func(*hall.Event) error) error { return n.err }

func TestFailingReplay(t *testing.T) {
	broken := errors.New("broken")
	e, err := engine.New(t.Context(), noReplay{failing{opened(t), broken}}, route.Rule{}, nil, func(*hall.View) {
		t.Error("published what could not be replayed")
	})
	if e != nil || !errors.Is(err, broken) {
		t.Errorf("got %v, %v", e, err)
	}
}

// TestCallerGoesAway frees a caller whose context ends; the command happens all the same and its key finds out.
func TestCallerGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := gated(t)
		e, _, stop := start(t, j)
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := e.Do(ctx, request("k", "A-1")); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
		<-j.enter
		cancel()
		wg.Wait() // although the commit still waits
		j.release <- nil
		if got := do(t, e, request("k", "A-1")); got != "A001" {
			t.Errorf("the retry got %q", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestStop answers the batch in hand, and what was decided meanwhile; everybody else is told that it is not known.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := gated(t)
		e, _, stop := start(t, j)
		first := ask(e, request("", "A-1"))
		<-j.enter
		second := ask(e, request("", "A-1"))
		synctest.Wait()
		ended := make(chan error)
		go func() { ended <- stop() }()
		synctest.Wait()
		for i, r := range []<-chan result{first, second} {
			if i > 0 {
				<-j.enter
			}
			j.release <- nil
			if got := <-r; got.answer != []string{"A001", "A002"}[i] {
				t.Errorf("command %d got %+v", i, got)
			}
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if _, err := e.Do(context.Background(), request("", "A-1")); !errors.Is(err, engine.ErrStopped) {
			t.Errorf("after the stop: %v", err)
		}
	})
}

func do(t testing.TB, e *engine.Engine, req engine.Request) string {
	t.Helper()
	a, err := e.Do(t.Context(), req)
	if err != nil {
		t.Fatalf("%T: %v", req.Command, err)
	}
	return string(a)
}

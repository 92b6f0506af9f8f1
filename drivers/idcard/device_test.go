package idcard_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"yitang/drivers/idcard"
	"yitang/drivers/sim"
)

// patience is how long a test waits for what must come; a healthy machine needs a small part of it.
const patience = time.Minute

// quick is a timing for the simulator that a busy machine can keep: waiting long costs nothing while answers come.
func quick() idcard.Timing { return timing(2 * time.Second) }

// hasty is for tests in which answers are missing.
func hasty() idcard.Timing { return timing(1500 * time.Millisecond) }

func timing(answer time.Duration) idcard.Timing {
	return idcard.Timing{
		Poll: 20 * time.Millisecond, Short: answer, Record: answer, RecordAll: patience / 2, Gap: answer,
		Detect: answer / 2, Quiet: 30 * time.Millisecond, Open: 2 * time.Second, Retry: 50 * time.Millisecond,
	}
}

func simulate(t *testing.T, cfg sim.ReaderConfig) *sim.Reader {
	t.Helper()
	r, err := sim.NewReader(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// watch runs a driver until the test ends and gives its events.
func watch(t *testing.T, cfg idcard.Config) <-chan idcard.Event {
	t.Helper()
	if cfg.Timing == (idcard.Timing{}) {
		cfg.Timing = quick()
	}
	r := idcard.NewReader(cfg)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run did not end")
		}
	})
	return r.Events()
}

// name is an event in one word, for comparing.
func name(e idcard.Event) string {
	switch e := e.(type) {
	case idcard.ReaderUp:
		return "up"
	case idcard.ReaderDown:
		return "down " + string(e.Fault.Code)
	case idcard.CardRead:
		return "read " + e.Card.Number
	case idcard.CardRemoved:
		return "removed"
	case idcard.CardUnreadable:
		return "unreadable " + string(e.Advice.Code)
	default:
		return fmt.Sprintf("%T", e)
	}
}

func next(t *testing.T, events <-chan idcard.Event) idcard.Event {
	t.Helper()
	select {
	case e, open := <-events:
		if !open {
			t.Fatal("no more events")
		}
		return e
	case <-time.After(patience):
		t.Fatal("no event")
		return nil
	}
}

func expect(t *testing.T, events <-chan idcard.Event, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := name(next(t, events)); got != w {
			t.Fatalf("got %q, want %q", got, w)
		}
	}
}

// quietFor waits until the reader has looked n times more, and demands that it had nothing to tell.
func quietFor(t *testing.T, events <-chan idcard.Event, r *sim.Reader, n int) {
	t.Helper()
	for before := len(r.Asked()); len(r.Asked()) < before+n; {
		select {
		case e := <-events:
			t.Fatalf("unexpected %q", name(e))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func place(t *testing.T, r *sim.Reader, file string) {
	t.Helper()
	if err := r.Place(record(t, file)); err != nil {
		t.Fatal(err)
	}
}

func inject(t *testing.T, r *sim.Reader, f sim.Fault) {
	t.Helper()
	if err := r.Inject(f); err != nil {
		t.Fatal(err)
	}
}

const residentRead = "read 11010519491231002X"

func TestCardsComeAndGo(t *testing.T) {
	t.Parallel()
	r := simulate(t, sim.ReaderConfig{Speed: 1})
	events := watch(t, idcard.Config{Path: r.Path(), Baud: 115200})
	up, ok := next(t, events).(idcard.ReaderUp)
	if !ok || up.SAM != "05.01-20200101-0000012345-0678901234" || up.Baud != 115200 {
		t.Fatalf("%+v", up)
	}
	for _, tc := range goldenCards() {
		place(t, r, tc.file)
		read, ok := next(t, events).(idcard.CardRead)
		tc.card.SAM = up.SAM
		if !ok || bare(read.Card) != bare(tc.card) {
			t.Fatalf("%s: %s", tc.file, bare(read.Card))
		}
		quietFor(t, events, r, 5) // lies there: neither gone nor read again
		r.Lift()
		expect(t, events, "removed")
		quietFor(t, events, r, 2)
	}
	if asked := r.Asked(); slices.Contains(asked, 0x3010) || !slices.Contains(asked, 0x3003) {
		t.Errorf("asked %04X", asked)
	}
}

// Two placements between two looks are two cards.
func TestCardExchangedQuickly(t *testing.T) {
	t.Parallel()
	r := simulate(t, sim.ReaderConfig{})
	events := watch(t, idcard.Config{Path: r.Path(), Baud: 115200})
	place(t, r, "rec_resident.bin")
	expect(t, events, "up", residentRead)
	place(t, r, "rec_J.bin")
	expect(t, events, "removed", "read 810000199001010027")
}

// An old module cannot tell that a card went: the next card shows it.
func TestModuleThatCannotTellRemoval(t *testing.T) {
	t.Parallel()
	r := simulate(t, sim.ReaderConfig{Blind: true})
	events := watch(t, idcard.Config{Path: r.Path(), Baud: 115200})
	place(t, r, "rec_resident.bin")
	expect(t, events, "up", residentRead)
	quietFor(t, events, r, 10)
	r.Lift()
	quietFor(t, events, r, 5)
	place(t, r, "rec_J.bin")
	expect(t, events, "removed", "read 810000199001010027")
}

func TestCardIsReadInSpiteOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		faults []sim.Fault
	}{
		{"a split line", []sim.Fault{{Kind: sim.Split, On: true, N: 64}}},
		{"a line split in threes", []sim.Fault{{Kind: sim.Split, On: true, N: 3, For: time.Microsecond}}},
		{"noise before answers", []sim.Fault{{Kind: sim.NoiseBefore, On: true, Bytes: []byte{0x00, 0xFF, 0x96, 0x69, 0x13}}}},
		{"one more AA", []sim.Fault{{Kind: sim.NoiseBefore, On: true, Bytes: []byte{0xAA}}}},
		{"a false head", []sim.Fault{{Kind: sim.NoiseBefore, On: true, Bytes: []byte{0xAA, 0xAA, 0xAA, 0x96, 0x69, 0x09, 0x00}}}},
		{"a wrong checksum in the record", []sim.Fault{{Kind: sim.WrongChecksum, On: true, N: 1, Bytes: []byte{0x30, 0x01}}}},
		{"a wrong length in the record", []sim.Fault{{Kind: sim.WrongLength, On: true, N: 1, Bytes: []byte{0x30, 0x01}}}},
		{"a wrong checksum in find", []sim.Fault{{Kind: sim.WrongChecksum, On: true, N: 1, Bytes: []byte{0x20, 0x01}}}},
		{"a wrong length in select", []sim.Fault{{Kind: sim.WrongLength, On: true, N: 1, Bytes: []byte{0x20, 0x02}}}},
		{"a wrong checksum at the start", []sim.Fault{{Kind: sim.WrongChecksum, On: true, N: 2}}},
		{"a module that misheard", []sim.Fault{{Kind: sim.CardStatus, On: true, N: 1, Bytes: []byte{0x10, 0x30, 0x01}}}},
		{"a module without luck", []sim.Fault{{Kind: sim.CardStatus, On: true, N: 1, Bytes: []byte{0x47, 0x20, 0x02}}}},
		{"a module in doubt", []sim.Fault{{Kind: sim.CardStatus, On: true, N: 1, Bytes: []byte{0x24, 0x20, 0x01}}}},
		{"failed selections", []sim.Fault{{Kind: sim.CardStatus, On: true, N: 3, Bytes: []byte{0x81, 0x20, 0x02}}}},
		{"a wrong checksum in the module's number", []sim.Fault{{Kind: sim.WrongChecksum, On: true, N: 1, Bytes: []byte{0x12, 0xFF}}}},
		{"a wrong length in the module's number", []sim.Fault{{Kind: sim.WrongLength, On: true, N: 1, Bytes: []byte{0x12, 0xFF}}}},
		{"no number of the module", []sim.Fault{{Kind: sim.CardStatus, On: true, Bytes: []byte{0x21, 0x12, 0xFF}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := simulate(t, sim.ReaderConfig{})
			for _, f := range tc.faults {
				inject(t, r, f)
			}
			place(t, r, "rec_resident.bin")
			waits := hasty()
			if tc.faults[0].Kind == sim.Split { // nothing is lost, and on a busy machine each piece takes its time
				waits = timing(patience / 6)
			}
			expect(t, watch(t, idcard.Config{Path: r.Path(), Baud: 115200, Timing: waits}), "up", residentRead)
		})
	}
}

// Noise inside the record: both tries fail, the person is told, and the card is read when it is laid down again.
func TestNoiseInsideTheRecord(t *testing.T) {
	t.Parallel()
	r := simulate(t, sim.ReaderConfig{})
	events := watch(t, idcard.Config{Path: r.Path(), Baud: 115200})
	expect(t, events, "up")
	inject(t, r, sim.Fault{Kind: sim.WrongChecksum, On: true, N: 2, Bytes: []byte{0x30, 0x01}})
	place(t, r, "rec_resident.bin")
	expect(t, events, "unreadable card_place_again")
	r.Lift()
	quietFor(t, events, r, 3)
	place(t, r, "rec_resident.bin")
	expect(t, events, residentRead)
}

func TestMergedAnswers(t *testing.T) {
	t.Parallel()
	r := simulate(t, sim.ReaderConfig{})
	events := watch(t, idcard.Config{Path: r.Path(), Baud: 115200})
	expect(t, events, "up")
	inject(t, r, sim.Fault{Kind: sim.Merge, On: true, N: 2}) // the first waits until the driver has asked again
	quietFor(t, events, r, 4)
	inject(t, r, sim.Fault{Kind: sim.Merge})
	place(t, r, "rec_resident.bin")
	expect(t, events, residentRead)
}

func TestUnreadableCards(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		st   byte
		on   [2]byte
		want idcard.Code
	}{
		{0x31, [2]byte{0x20, 0x02}, idcard.TellPlaceAgain},
		{0x32, [2]byte{0x30, 0x01}, idcard.TellCounter},
		{0x33, [2]byte{0x30, 0x01}, idcard.TellCounter},
		{0x40, [2]byte{0x20, 0x01}, idcard.TellNotIDCard},
		{0x41, [2]byte{0x30, 0x01}, idcard.TellPlaceAgain},
		{0x11, [2]byte{0x30, 0x01}, idcard.TellProgramming},
		{0x24, [2]byte{0x30, 0x01}, idcard.TellWait},
		{0x81, [2]byte{0x20, 0x02}, idcard.TellPlaceAgain},
	} {
		t.Run(fmt.Sprintf("%02X", tc.st), func(t *testing.T) {
			t.Parallel()
			r := simulate(t, sim.ReaderConfig{})
			events := watch(t, idcard.Config{Path: r.Path(), Baud: 115200})
			expect(t, events, "up")
			inject(t, r, sim.Fault{Kind: sim.CardStatus, On: true, Bytes: []byte{tc.st, tc.on[0], tc.on[1]}})
			place(t, r, "rec_resident.bin")
			e, ok := next(t, events).(idcard.CardUnreadable)
			if !ok || e.Advice.Code != tc.want || e.Advice.Sentence == "" || e.Status != idcard.Status(tc.st) {
				t.Fatalf("%+v", e)
			}
			quietFor(t, events, r, 10) // told once
			inject(t, r, sim.Fault{Kind: sim.CardStatus})
			expect(t, events, residentRead)
		})
	}
}

func TestRecordThatIsNone(t *testing.T) {
	t.Parallel()
	r := simulate(t, sim.ReaderConfig{})
	events := watch(t, idcard.Config{Path: r.Path(), Baud: 115200})
	expect(t, events, "up")
	for want, rec := range map[idcard.Code][]byte{
		idcard.TellNotIDCard: put(record(t, "rec_resident.bin"), 248, "Q"),
		idcard.TellCounter:   put(record(t, "rec_resident.bin"), 36, "99999999"),
	} {
		if err := r.Place(rec); err != nil {
			t.Fatal(err)
		}
		expect(t, events, "unreadable "+string(want))
		r.Lift()
		quietFor(t, events, r, 3)
	}
}

func TestReaderGoesDownAndComesBack(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		f    sim.Fault
		back sim.Fault
		want idcard.Code

		lying bool // a card, when it happens
	}{
		{"self test", sim.Fault{Kind: sim.CardStatus, On: true, Bytes: []byte{0x60}}, sim.Fault{Kind: sim.CardStatus}, idcard.WhySelfTest, false},
		{"authorisation", sim.Fault{Kind: sim.CardStatus, On: true, Bytes: []byte{0x66}}, sim.Fault{Kind: sim.CardStatus}, idcard.WhyNotAuthorised, true},
		{"silence", sim.Fault{Kind: sim.Silence, On: true}, sim.Fault{Kind: sim.Silence}, idcard.WhySilent, true},
		{"deafness", sim.Fault{Kind: sim.StopDraining, On: true}, sim.Fault{Kind: sim.StopDraining}, idcard.WhySilent, false},
		{"noise", sim.Fault{Kind: sim.Babble, On: true}, sim.Fault{Kind: sim.Babble}, idcard.WhyBabbling, true},
		{"unasked frames", sim.Fault{Kind: sim.Babble, On: true, Bytes: sw(idcard.NoCard)}, sim.Fault{Kind: sim.Babble}, idcard.WhyBabbling, false},
		{"checksums", sim.Fault{Kind: sim.WrongChecksum, On: true}, sim.Fault{Kind: sim.WrongChecksum}, idcard.WhyBabbling, false},
		{"unplugged", sim.Fault{Kind: sim.Unplug}, sim.Fault{Kind: sim.Replug}, idcard.WhyVanished, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := simulate(t, sim.ReaderConfig{})
			events := watch(t, idcard.Config{Path: r.Path(), Baud: 115200, Timing: hasty()})
			expect(t, events, "up")
			if tc.lying {
				place(t, r, "rec_resident.bin")
				expect(t, events, residentRead)
			}
			inject(t, r, tc.f)
			got := name(next(t, events))
			if got == "removed" && tc.lying { // an unasked 80 may answer the question whether the card lies there
				got = name(next(t, events))
			}
			if got != "down "+string(tc.want) {
				t.Fatalf("got %q, want %q", got, tc.want)
			}
			time.Sleep(200 * time.Millisecond) // some attempts: the reason is told once
			inject(t, r, tc.back)
			back := name(next(t, events))
			if back == "down reader_refuses" && tc.name == "unasked frames" { // the last of them may answer the next question
				back = name(next(t, events))
			}
			if back != "up" {
				t.Fatalf("got %q, want up", back)
			}
			place(t, r, "rec_J.bin")
			expect(t, events, "read 810000199001010027")
		})
	}
}

// What the kernel does when a USB adapter is pulled: reads end at once and for ever.
func TestHangup(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("TIOCVHANGUP needs root")
	}
	r := simulate(t, sim.ReaderConfig{})
	events := watch(t, idcard.Config{Path: r.Path(), Baud: 115200})
	expect(t, events, "up")
	inject(t, r, sim.Fault{Kind: sim.Hangup})
	expect(t, events, "down reader_vanished", "up")
}

func TestBaudIsFound(t *testing.T) {
	t.Parallel()
	for _, baud := range []int{115200, 38400, 9600} {
		t.Run(fmt.Sprint(baud), func(t *testing.T) {
			t.Parallel()
			r := simulate(t, sim.ReaderConfig{Baud: baud, Speed: 4})
			place(t, r, "rec_resident.bin")
			events := watch(t, idcard.Config{Path: r.Path()})
			if up, ok := next(t, events).(idcard.ReaderUp); !ok || up.Baud != baud {
				t.Fatalf("%+v", up)
			}
			expect(t, events, residentRead)
			if baud == 9600 {
				return // once is enough at this speed
			}
			inject(t, r, sim.Fault{Kind: sim.Unplug})
			expect(t, events, "down reader_vanished")
			inject(t, r, sim.Fault{Kind: sim.Replug})
			expect(t, events, "up")
		})
	}
}

func TestWrongBaudIsSilence(t *testing.T) {
	t.Parallel()
	r := simulate(t, sim.ReaderConfig{Baud: 9600})
	events := watch(t, idcard.Config{Path: r.Path(), Baud: 115200, Timing: hasty()})
	expect(t, events, "down reader_silent")
}

func TestReadOne(t *testing.T) {
	t.Parallel()
	r := simulate(t, sim.ReaderConfig{Speed: 1})
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	go func() {
		time.Sleep(300 * time.Millisecond)
		_ = r.Place(record(t, "rec_Y.bin"))
	}()
	c, err := idcard.ReadOne(ctx, idcard.Config{Path: r.Path(), Baud: 115200}, nil)
	if err != nil || c.Type != idcard.ForeignNew || c.SAM == "" {
		t.Errorf("%v %v", c, err)
	}
}

func TestReadOneOnAnotherProgramsLine(t *testing.T) {
	t.Parallel()
	r := simulate(t, sim.ReaderConfig{})
	expect(t, watch(t, idcard.Config{Path: r.Path(), Baud: 115200}), "up")
	for path, want := range map[string]idcard.Code{
		r.Path(): idcard.WhyBusy, r.Path() + "-absent": idcard.WhyVanished, "/dev/null": idcard.WhyUnusable,
	} {
		_, err := idcard.ReadOne(context.Background(), idcard.Config{Path: path, Baud: 115200, Timing: quick()}, nil)
		var f *idcard.Fault
		if !errors.As(err, &f) || f.Code != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

// TestNothingLeaks runs alone: it counts the goroutines and descriptors of the process.
func TestNothingLeaks(t *testing.T) { //nolint:paralleltest // counts what the whole process holds
	readOnce(t, "") // the runtime opens its own poller with the first line and keeps it
	before, files := runtime.NumGoroutine(), descriptors(t)
	for _, kind := range []sim.FaultKind{"", sim.Silence, sim.Babble, sim.Unplug, sim.StopDraining} {
		readOnce(t, kind)
	}
	for until := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if runtime.NumGoroutine() <= before && descriptors(t) <= files {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("goroutines %d → %d, descriptors %d → %d", before, runtime.NumGoroutine(), files, descriptors(t))
		}
	}
}

// readOnce reads one card from a reader of its own with that fault, "" for none.
func readOnce(t *testing.T, kind sim.FaultKind) {
	t.Helper()
	r, err := sim.NewReader(sim.ReaderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	place(t, r, "rec_resident.bin")
	if kind != "" {
		inject(t, r, sim.Fault{Kind: kind, On: true})
	}
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	// a babbler that the machine slows down may leave room for a card
	if _, err = idcard.ReadOne(ctx, idcard.Config{Path: r.Path(), Baud: 115200, Timing: hasty()}, nil); (err == nil) != (kind == "") && kind != sim.Babble {
		t.Errorf("%q: %v", kind, err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("%q: %v", kind, err)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(list)
}

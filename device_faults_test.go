package main_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"yitang/drivers/idcard"
	"yitang/drivers/sim"
)

// cardFault is a reader in trouble and what `device card` must say of it.
type cardFault struct {
	name   string
	reader sim.ReaderConfig
	script sim.Script
	empty  bool // no card lies there
	args   []string
	want   string // code in the sentence; empty: the card is read
}

func cardFaults() []cardFault {
	now := func(f sim.Fault) sim.Script {
		f.On = true
		return sim.Script{{Fault: f}}
	}
	status := func(b byte) sim.Script { return now(sim.Fault{Kind: sim.CardStatus, Bytes: []byte{b}}) }
	return []cardFault{
		{name: "no card", empty: true, args: []string{"--timeout", "2s"}, want: "card_none"},
		{name: "silent", script: now(sim.Fault{Kind: sim.Silence}), want: "reader_silent"},
		{name: "silent, its baud rate not known", script: now(sim.Fault{Kind: sim.Silence}), args: []string{"--baud", "0"}, want: "reader_silent"},
		{name: "switched off", script: now(sim.Fault{Kind: sim.PowerOff}), want: "reader_silent"},
		{name: "babbles without end", script: now(sim.Fault{Kind: sim.Babble}), empty: true, want: "reader_babbling"},
		{name: "noise inside all answers", script: now(sim.Fault{Kind: sim.NoiseInside, Bytes: []byte{0x00, 0x96, 0x69}}), want: "reader_babbling"},
		{name: "falls silent in the middle", script: sim.Script{{AfterAnswers: 5, Fault: sim.Fault{Kind: sim.Silence, On: true}}}, want: "reader_silent"},
		{name: "vanishes in the middle", script: sim.Script{{AfterAnswers: 5, Fault: sim.Fault{Kind: sim.Unplug}}}, want: "reader_vanished"},
		{name: "self test failed", script: status(0x60), want: "reader_self_test_failed"},
		{name: "not authorised", script: status(0x66), want: "reader_not_authorised"},
		{name: "not authorised, said at the card", script: now(sim.Fault{Kind: sim.CardStatus, Bytes: []byte{0x66, 0x20, 0x01}}), want: "reader_not_authorised"},
		{name: "one more AA before each answer", script: now(sim.Fault{Kind: sim.NoiseBefore, Bytes: []byte{0xAA}})},
		{name: "answers in single bytes", script: now(sim.Fault{Kind: sim.Split, N: 1, For: time.Microsecond})},
		{name: "at 9600 baud, found by asking", reader: sim.ReaderConfig{Baud: 9600, Speed: 1}},
		{name: "at 57600 baud, found by asking", reader: sim.ReaderConfig{Baud: 57600, Speed: 1}},
	}
}

// TestDeviceCardInTrouble runs the binary against each reader, all at once: nearly all the time is waiting. The bound that an
// installer is promised, 15 s, is held by TestReadOneFailsInTime; here a program that does not end is killed and fails.
func TestDeviceCardInTrouble(t *testing.T) {
	t.Parallel()
	record := resident(t)
	buildYitang(t)
	var all sync.WaitGroup
	for _, c := range cardFaults() {
		all.Go(func() { deviceCard(t, c, record) })
	}
	all.Wait()
}

func deviceCard(t *testing.T, c cardFault, record []byte) {
	t.Helper()
	r, err := sim.NewReader(c.reader)
	if err != nil {
		t.Error(err)
		return
	}
	defer r.Close()
	r.Play(c.script)
	if !c.empty {
		if err := r.Place(record); err != nil {
			t.Error(err)
		}
	}
	out, errs, code := yitang(t, append([]string{"device", "card", "--reader", r.Path(), "--json"}, c.args...)...)
	if c.want == "" {
		var card idcard.Card
		if err := json.Unmarshal([]byte(out), &card); err != nil || code != 0 || card.Number != "11010519491231002X" {
			t.Errorf("%s: exit %d: %s%s", c.name, code, out, errs)
		}
		return
	}
	if code != 1 || out != "" || !strings.Contains(errs, c.want) || strings.Count(strings.TrimSpace(errs), "\n") != 0 {
		t.Errorf("%s: exit %d, want one sentence with %s: %s%s", c.name, code, c.want, out, errs)
	}
}

// A card that cannot be read is not waited over in silence: what to do with it is said at once, and it is read when it can be.
func TestDeviceCardTellsOfACardItCannotRead(t *testing.T) {
	t.Parallel()
	r, record := cardReader(t)
	refusing := sim.Fault{Kind: sim.CardStatus, On: true, Bytes: []byte{0x41, 0x30, 0x01}}
	r.Play(sim.Script{{Fault: refusing}, {AfterAnswers: 12, Fault: sim.Fault{Kind: sim.CardStatus}}})
	if err := r.Place(record); err != nil {
		t.Fatal(err)
	}
	out, errs, code := yitang(t, "device", "card", "--reader", r.Path(), "--json")
	if code != 0 || !strings.Contains(out, "11010519491231002X") || strings.Count(errs, "card_place_again") != 1 {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

func TestDeviceCardWithoutAReader(t *testing.T) {
	t.Parallel()
	_, errs, code := yitang(t, "device", "card", "--reader", "/dev/no-such-port", "--json")
	if code != 1 || !strings.Contains(errs, "reader_vanished") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// A printer that holds the line back for ever, with XOFF or by taking nothing, is given up, and one at 9600 baud is
// waited for.
func TestDevicePrintOnASlowLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		args  []string
		begin func(p *sim.Printer) error
		last  string
		code  int
	}{
		{"XOFF before its first answer, and for ever", []string{"--flow", "xonxoff"}, func(p *sim.Printer) error {
			return p.Inject(sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: []byte{0x13}})
		}, "failed: ", 1},
		{"takes nothing", nil, func(p *sim.Printer) error { return p.Inject(sim.Fault{Kind: sim.StopDraining, On: true}) }, "failed: ", 1},
		{"9600 baud", []string{"--baud", "9600"}, func(p *sim.Printer) error { p.Pace(9600, 1); return nil }, "printed", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := sim.NewPrinter(sim.PrinterOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if err := c.begin(p); err != nil {
				t.Fatal(err)
			}
			out, errs, code := yitang(t, append([]string{"device", "print", "--printer", p.Path()}, c.args...)...)
			if !strings.HasPrefix(lastLine(out), c.last) || code != c.code {
				t.Errorf("exit %d: %q, want %d %q\n%s", code, out, c.code, c.last, errs)
			}
		})
	}
}

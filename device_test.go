package main_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"yitang/drivers/escpos"
	"yitang/drivers/sim"
)

// yitang runs the binary and returns what it prints, and its exit code.
func yitang(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	binary := buildYitang(t)
	ctx, stop := context.WithTimeout(context.Background(), pageTime) // a command that hangs fails its test, not the run
	defer stop()
	cmd := exec.CommandContext(ctx, binary, args...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

func TestDevicePrint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		opts  sim.PrinterOptions
		fault *sim.Fault
		args  []string
		last  string
		code  int
	}{
		{"well", sim.PrinterOptions{}, nil, nil, "printed", 0},
		{"in Uyghur", sim.PrinterOptions{}, nil, []string{"--language", "ug"}, "printed", 0},
		{"self test on narrow paper", sim.PrinterOptions{}, nil, []string{"--sample", "selftest", "--columns", "32"}, "printed", 0},
		{"one way", sim.PrinterOptions{Mute: true}, nil, []string{"--one-way"}, "sent", 0},
		{"no answer", sim.PrinterOptions{Mute: true}, nil, nil, "failed: the printer does not answer: is it switched on, and is the baud rate right?", 1},
		{"near end", sim.PrinterOptions{}, &sim.Fault{Kind: sim.PaperLow, On: true}, nil, "printed", 0},
		{"paper out", sim.PrinterOptions{}, &sim.Fault{Kind: sim.PaperOut, On: true}, nil, "failed: the printer is out of paper", 1},
		{"cover open", sim.PrinterOptions{}, &sim.Fault{Kind: sim.CoverOpen, On: true}, nil, "failed: the printer's cover is open", 1},
		{"a clone that knows only DLE EOT 1, 2 and 4", sim.PrinterOptions{Statuses: []byte{1, 2, 4}}, nil, nil, "printed", 0},
		{"such a clone with a stuck knife", sim.PrinterOptions{Statuses: []byte{1, 2, 4}}, &sim.Fault{Kind: sim.CutterError, On: true}, nil,
			"failed: the printer reports an error: switch it off and on", 1},
		{"it says it is well and never that it is done", sim.PrinterOptions{NoProof: true}, nil, nil,
			"failed: the printer did not say that the receipt is on paper: look whether it is", 1},
		{"answers in single bytes behind noise", sim.PrinterOptions{}, &sim.Fault{Kind: sim.NoiseBefore, On: true, Bytes: []byte{0xFF, 0x93, 0x11}}, nil, "printed", 0},
		{"switched off", sim.PrinterOptions{}, &sim.Fault{Kind: sim.PowerOff, On: true}, nil, "failed: the printer does not answer: is it switched on, and is the baud rate right?", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := sim.NewPrinter(c.opts)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if c.fault != nil {
				if err := p.Inject(*c.fault); err != nil {
					t.Fatal(err)
				}
			}
			out, errs, code := yitang(t, append([]string{"device", "print", "--printer", p.Path()}, c.args...)...)
			if lastLine(out) != c.last || code != c.code {
				t.Fatalf("exit %d:\n%s%s", code, out, errs)
			}
			if c.name == "near end" && !strings.Contains(out, "warning: "+escpos.PaperLow.Sentence()) {
				t.Errorf("no warning in\n%s", out)
			}
			if p.Stray() != 0 || p.Unknown() != 0 {
				t.Errorf("%d real-time commands inside a picture, %d unknown commands", p.Stray(), p.Unknown())
			}
		})
	}
}

func TestDevicePrintWithoutAPort(t *testing.T) {
	t.Parallel()
	out, _, code := yitang(t, "device", "print", "--printer", "/dev/no-such-port")
	if !strings.HasPrefix(lastLine(out), "failed: ") || code != 1 {
		t.Errorf("exit %d: %s", code, out)
	}
}

// resident is what a resident's card tells a reader.
func resident(t *testing.T) []byte {
	t.Helper()
	record, err := os.ReadFile("drivers/idcard/testdata/rec_resident.bin")
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// cardReader is a reader without a card, and one to lay on it.
func cardReader(t *testing.T) (r *sim.Reader, record []byte) {
	t.Helper()
	r, err := sim.NewReader(sim.ReaderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r, resident(t)
}

func TestDeviceCard(t *testing.T) {
	t.Parallel()
	r, record := cardReader(t)
	go func() {
		time.Sleep(500 * time.Millisecond)
		_ = r.Place(record)
	}()
	out, errs, code := yitang(t, "device", "card", "--reader", r.Path(), "--json")
	if code != 0 || !strings.HasPrefix(out, `{"type":"resident","name":"`) || strings.Count(out, "\n") != 1 {
		t.Errorf("exit %d:\n%s%s", code, out, errs)
	}
}

// TestEveryCommandShowsAnExample: whoever stands in front of a command line learns from the command itself how it is used.
func TestEveryCommandShowsAnExample(t *testing.T) {
	t.Parallel()
	all, stderr, code := yitang(t, "--help")
	if code != 0 {
		t.Fatal(stderr)
	}
	_, list, _ := strings.Cut(all, "Commands:\n")
	asked := 0
	for line := range strings.Lines(list) {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, "  "), "  ")
		if name = strings.TrimSpace(name); name == "" || !strings.HasPrefix(line, "  ") || strings.HasPrefix(line, "   ") {
			continue // the rest of a description
		}
		help, stderr, code := yitang(t, append(strings.Fields(name), "--help")...)
		if asked++; code != 0 || !strings.Contains(help, "Example: yitang "+name) {
			t.Errorf("yitang %s --help: %d %s%s", name, code, help, stderr)
		}
	}
	if asked < 30 {
		t.Errorf("only %d commands in\n%s", asked, all)
	}
}

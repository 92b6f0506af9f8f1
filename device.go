package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yitang/drivers/escpos"
	"yitang/drivers/idcard"
	"yitang/drivers/port"
)

type deviceCmd struct {
	List  deviceListCmd  `cmd:"" help:"Show the serial ports of this PC and what answers on them."`
	Card  deviceCardCmd  `cmd:"" help:"Wait for one ID card and print what it says."`
	Print devicePrintCmd `cmd:"" help:"Print a sample and say what became of it."`
}

type deviceCardCmd struct {
	Reader  string        `required:"" placeholder:"PATH" help:"Serial port of the reader."`
	Baud    int           `help:"Its baud rate; found by asking without."`
	Timeout time.Duration `help:"Give up when no card has come; without, wait for ever."`
	JSON    bool          `name:"json" help:"Print as JSON."`
}

func (deviceCardCmd) Help() string {
	return "Example: yitang device card --reader /dev/serial/by-id/usb-reader --timeout 60s --json"
}

// Run reads one card.
func (c *deviceCardCmd) Run(ctx context.Context, w out) error {
	if c.Timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, c.Timeout)
		defer stop()
	}
	card, err := idcard.ReadOne(ctx, idcard.Config{Path: c.Reader, Baud: c.Baud}, func(a idcard.Advice) {
		fmt.Fprintf(os.Stderr, "%s (%s)\n", a.Sentence, a.Code) // who holds the card learns at once that it is to be laid there again
	})
	var fault *idcard.Fault
	if errors.As(err, &fault) {
		where := c.Reader
		if down := (*port.DownError)(nil); errors.As(err, &down) {
			where = down.Sentence // names the program that holds the port
		}
		return fmt.Errorf("device card: %s (%s, %s)", fault.Sentence, fault.Code, where)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(card)
	}
	fmt.Fprintf(w, "%s  %s\n%s – %s\n", card.Name, card.Number, card.ValidFrom, card.ValidTo)
	return nil
}

type devicePrintCmd struct {
	Printer  string `required:"" placeholder:"PATH" help:"Serial port of the printer."`
	Baud     int    `default:"115200" help:"Its baud rate; it stands on the printer's self-test slip."`
	Columns  int    `default:"48" help:"48 on 80 mm paper, 32 on 58 mm."`
	Sample   string `default:"ticket" enum:"ticket,checklist,selftest" help:"ticket, checklist or selftest."`
	Language string `default:"zh" enum:"zh,ug,kk,en" help:"zh, ug, kk or en."`
	OneWay   bool   `help:"The cable carries no answers back."`
	Flow     string `default:"none" enum:"none,xonxoff,rtscts" help:"How the printer holds the line back: none, xonxoff or rtscts, as its self-test slip says."`
}

func (devicePrintCmd) Help() string {
	return "Example: yitang device print --printer /dev/serial/by-id/usb-printer --sample selftest\n\nThe last line is printed, sent (one-way cable, no proof) or failed with the reason."
}

// printTime bounds a sample from opening the port to the answer after the last byte, at the slowest baud rate.
const printTime = 90 * time.Second

// upTime is how long a port may take to open.
const upTime = 3 * time.Second

// Run prints a sample.
func (c *devicePrintCmd) Run(ctx context.Context, w out) error {
	profile := c.profile()
	b := escpos.NewBuilder(profile, escpos.NewShaper())
	if err := escpos.Sample(b, escpos.SampleKind(c.Sample), c.Language); err != nil {
		return err
	}
	job, err := b.Bytes()
	if err != nil {
		return err
	}
	for _, warning := range b.Warnings() {
		fmt.Fprintf(w, "warning: %s\n", warning)
	}
	r := printOn(ctx, port.Config{Path: c.Printer, Baud: c.Baud, Flow: port.FlowOf(c.Flow)}, profile, job)
	if r.Warning != "" {
		fmt.Fprintf(w, "warning: %s\n", r.Warning.Sentence())
	}
	if r.Outcome == escpos.Failed {
		fmt.Fprintf(w, "failed: %s\n", strings.ReplaceAll(r.Message, "\n", " "))
		return exitCode(1)
	}
	fmt.Fprintln(w, r.Outcome)
	return nil
}

func (c *devicePrintCmd) profile() escpos.Profile {
	model := escpos.Generic80
	if c.Columns <= escpos.ProfileFor(escpos.Generic58).Columns {
		model = escpos.Generic58
	}
	p := escpos.ProfileFor(model)
	p.Columns, p.Baud = c.Columns, c.Baud
	if c.OneWay {
		p.TwoWay, p.Confirms, p.Asks = false, false, nil
	}
	return p
}

// printOn opens the port, prints and closes it again.
func printOn(ctx context.Context, line port.Config, profile escpos.Profile, job []byte) escpos.Result {
	ctx, stop := context.WithTimeout(ctx, printTime)
	defer stop()
	p := port.Open(line)
	defer p.Close() //nolint:errcheck // the result says what happened
	up, cancel := context.WithTimeout(ctx, upTime)
	defer cancel()
	if err := p.WaitUp(up); err != nil {
		message := err.Error()
		if down := (*port.DownError)(nil); errors.As(err, &down) {
			message = down.Sentence
		}
		return escpos.Result{Outcome: escpos.Failed, Message: message}
	}
	return escpos.NewPrinter(p, profile).Print(ctx, job)
}

type deviceListCmd struct {
	JSON bool `name:"json" help:"Print as JSON."`
}

func (deviceListCmd) Help() string {
	return "Example: yitang device list\n\nAsks every serial port at the usual baud rates; takes some seconds a port. Ports that another program holds are named, not asked."
}

// found is what answers on a port.
type found struct {
	Port string `json:"port"`
	Kind string `json:"kind"` // printer, reader or nothing
	Baud int    `json:"baud,omitempty"`
	Note string `json:"note,omitempty"`
}

// Run asks every port.
func (c *deviceListCmd) Run(ctx context.Context, w out) error {
	list := []found{}
	for _, path := range serialPorts() {
		f := probe(ctx, path)
		list = append(list, f)
		if !c.JSON {
			fmt.Fprintf(w, "%-44s %-8s %6s  %s\n", f.Port, f.Kind, baudText(f.Baud), f.Note)
		}
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(w, "No serial port on this PC. Is the adapter plugged in? `dmesg | tail` says whether the system saw it.")
	}
	return nil
}

func baudText(baud int) string {
	if baud == 0 {
		return ""
	}
	return fmt.Sprint(baud)
}

// serialPorts lists the ports, by the name that does not move where there is one.
func serialPorts() []string {
	var list []string
	seen := map[string]bool{}
	for _, pattern := range []string{"/dev/serial/by-id/*", "/dev/ttyUSB*", "/dev/ttyACM*", "/dev/ttyS*"} {
		paths, _ := filepath.Glob(pattern) //nolint:errcheck // the patterns are well formed
		for _, path := range paths {
			real, err := filepath.EvalSymlinks(path)
			if err == nil && !seen[real] && exists(real) {
				seen[real] = true
				list = append(list, path)
			}
		}
	}
	return list
}

// exists leaves out the placeholders that the kernel makes for serial ports that the PC does not have.
func exists(path string) bool {
	name := filepath.Base(path)
	if !strings.HasPrefix(name, "ttyS") {
		return true
	}
	kind, err := os.ReadFile("/sys/class/tty/" + name + "/type") // #nosec G304 -- a name out of /dev
	return err == nil && strings.TrimSpace(string(kind)) != "0"
}

// probeTime bounds one question to a port.
const probeTime = 2 * time.Second

func probe(ctx context.Context, path string) found {
	note := "nothing answers: check the cable, the power and the baud rate"
	for _, baud := range []int{115200, 9600, 19200, 38400} {
		f, done := probePrinter(ctx, path, baud)
		if done {
			return f
		}
		note = cmp.Or(f.Note, note)
	}
	card, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if f, ok := probeReader(card, path); ok {
		return f
	}
	return found{Port: path, Kind: "nothing", Note: note}
}

// probePrinter asks for a printer's status at a baud rate. Done is also true for a port that cannot be opened.
func probePrinter(ctx context.Context, path string, baud int) (found, bool) {
	ctx, stop := context.WithTimeout(ctx, probeTime)
	defer stop()
	p := port.Open(port.Config{Path: path, Baud: baud})
	defer p.Close() //nolint:errcheck // only asked
	if err := p.WaitUp(ctx); err != nil {
		if why := p.State().Err; why != nil {
			err = why
		}
		return found{Port: path, Kind: "nothing", Note: err.Error()}, true
	}
	profile := escpos.ProfileFor(escpos.Generic80)
	profile.ReplyTimeout = probeTime / 4
	printer := escpos.NewPrinter(p, profile)
	s, err := printer.Detect(ctx)
	if errors.Is(err, escpos.ErrSpeaksUnasked) {
		return found{Note: err.Error()}, false
	}
	if err != nil {
		return found{}, false
	}
	note := "well"
	if r := s.Reason(); r != "" {
		note = r.Sentence()
	}
	return found{Port: path, Kind: "printer", Baud: baud, Note: note}, true
}

func probeReader(ctx context.Context, path string) (found, bool) {
	ctx, stop := context.WithCancel(ctx)
	r := idcard.NewReader(idcard.Config{Path: path})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = r.Run(ctx) // ends with ctx and says nothing else
	}()
	defer func() {
		stop()
		<-ended
	}()
	for e := range r.Events() {
		switch e := e.(type) {
		case idcard.ReaderUp:
			return found{Port: path, Kind: "reader", Baud: e.Baud, Note: "module " + string(e.SAM)}, true
		case idcard.ReaderDown:
			out := e.Fault.Code == idcard.WhySelfTest || e.Fault.Code == idcard.WhyNotAuthorised
			return found{Port: path, Kind: "reader", Note: e.Fault.Sentence}, out
		}
	}
	return found{}, false
}

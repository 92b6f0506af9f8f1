package kiosk

import (
	"cmp"
	"context"
	"errors"

	"yitang/drivers/escpos"
	"yitang/drivers/port"
)

// Printer puts tickets on paper.
type Printer interface {
	// Print prints one ticket, or its Chinese form where the printer has no letters for the other, and says what became
	// of it. It blocks until the printer has answered, at most about half a minute, and less when ctx ends.
	Print(ctx context.Context, r Receipt) PrintResult
	// Health asks the printer how it is; it blocks a few seconds at most.
	Health(ctx context.Context) DeviceHealth
	Close() error
}

// Receipt is a ticket to be printed: in the applicant's language, and in Chinese for a printer without the other's letters.
type Receipt struct {
	Ticket    escpos.Ticket
	InChinese escpos.Ticket
	Layout    string // the hall's own template; empty = escpos.TicketTemplate
}

// PrintResult is what became of a receipt.
type PrintResult struct {
	State   string // printed, sent, failed, or uncertain: failed, and yet it may be on paper
	Reason  string // of failed and uncertain
	Note    string // the same in words
	Warning string // paper_low
}

// serialPrinter is an ESC/POS printer on a serial line of its own.
type serialPrinter struct {
	line    *port.Port
	printer *escpos.Printer
	drawer  escpos.Drawer // only Print uses it, one job at a time
}

var _ Printer = (*serialPrinter)(nil)

const (
	defaultBaud   = 115200
	narrowColumns = 32
)

// openPrinter begins to keep the printer's line open; a printer that is away shows in Health.
func openPrinter(cfg PrinterConfig) Printer {
	profile := profileOf(cfg)
	line := port.Open(port.Config{Path: cfg.Path, Baud: profile.Baud, Flow: cfg.Flow})
	return &serialPrinter{line: line, printer: escpos.NewPrinter(line, profile), drawer: escpos.NewShaper()}
}

func profileOf(cfg PrinterConfig) escpos.Profile {
	model := escpos.Generic80
	if cfg.OneWay {
		model = escpos.OneWay80
	}
	p := escpos.ProfileFor(model)
	if cfg.Columns > 0 {
		p.Columns = cfg.Columns
	}
	if cfg.Columns > 0 && cfg.Columns <= narrowColumns {
		narrow := escpos.ProfileFor(escpos.Generic58)
		p.Dots, p.QRDots, p.Cutter = narrow.Dots, narrow.QRDots, narrow.Cutter
	}
	p.Baud = defaultBaud
	if cfg.Baud > 0 {
		p.Baud = cfg.Baud
	}
	return p
}

func (p *serialPrinter) Print(ctx context.Context, in Receipt) PrintResult {
	bytes, err := p.encode(in)
	if err != nil && in.Layout != "" { // the hall checks its template; a ticket is worth more than its looks
		in.Layout = ""
		bytes, err = p.encode(in)
	}
	if err != nil {
		return PrintResult{State: printFailed, Reason: reasonReceipt, Note: err.Error()}
	}
	r := p.printer.Print(ctx, bytes)
	out := PrintResult{State: string(r.Outcome), Reason: string(r.Reason), Warning: string(r.Warning)}
	if r.Uncertain {
		out.State = printUncertain
	}
	if out.Reason != "" {
		out.Note = deviceNote(out.Reason)
	}
	return out
}

// encode lays a receipt out, in Chinese where neither the printer nor a font of this PC has letters for the other.
func (p *serialPrinter) encode(r Receipt) ([]byte, error) {
	b, err := layOut(r.Ticket, r.Layout, p.printer.Profile(), p.drawer)
	if err == nil && len(b.Warnings()) > 0 {
		b, err = layOut(r.InChinese, r.Layout, p.printer.Profile(), p.drawer)
	}
	if err != nil {
		return nil, err
	}
	return b.Bytes()
}

// layOut sets a ticket with a template; its warnings tell of lines that nobody has letters for.
func layOut(t escpos.Ticket, source string, p escpos.Profile, drawer escpos.Drawer) (*escpos.Builder, error) {
	layout, err := escpos.ParseTemplate(cmp.Or(source, escpos.TicketTemplate))
	if err != nil {
		return nil, err
	}
	b := escpos.NewBuilder(p, drawer)
	return b, t.Build(b, layout)
}

func (p *serialPrinter) Health(ctx context.Context) DeviceHealth {
	if s := p.line.State(); !s.Up {
		return lineDown(s.Why())
	}
	s, err := p.printer.Status(ctx)
	var down *port.DownError
	switch {
	case errors.As(err, &down):
		return lineDown(down.Reason)
	case err != nil:
		return unwell(stateDown, string(escpos.NoAnswer))
	case s.Reason() != "":
		return unwell(stateDown, string(s.Reason()))
	case s.PaperLow:
		return unwell(stateWarning, string(escpos.PaperLow))
	}
	return DeviceHealth{State: stateUp}
}

func (p *serialPrinter) Close() error { return p.line.Close() }

func unwell(state, reason string) DeviceHealth {
	return DeviceHealth{State: state, Reason: reason, Note: deviceNote(reason)}
}

// lineDown puts the state of a line into the printer's words.
func lineDown(why port.Reason) DeviceHealth {
	switch why {
	case port.Opening, "":
		return DeviceHealth{State: stateUnknown, Reason: reasonStarting}
	case port.Busy, port.Stalled:
		return unwell(stateDown, string(escpos.LineBusy))
	case port.Missing, port.Unplugged:
		return unwell(stateDown, string(escpos.Unplugged))
	}
	return unwell(stateDown, "port_"+string(why))
}

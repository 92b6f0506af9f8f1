package kiosk

import (
	"context"
	"errors"
	"fmt"

	"yitang/drivers/escpos"
	"yitang/drivers/port"
)

// Printer puts tickets on paper.
type Printer interface {
	// Print prints one ticket, or its Chinese form where the printer has no letters for the other, and says what became
	// of it. It blocks until the printer has answered, at most about half a minute, and less when ctx ends.
	Print(ctx context.Context, t, inChinese escpos.Ticket) PrintResult
	// Health asks the printer how it is; it blocks a few seconds at most.
	Health(ctx context.Context) DeviceHealth
	Close() error
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
	layout  *escpos.Template
	drawer  escpos.Drawer // only Print uses it, one job at a time
}

var _ Printer = (*serialPrinter)(nil)

const (
	defaultBaud   = 115200
	narrowColumns = 32
)

// openPrinter begins to keep the printer's line open; a printer that is away shows in Health.
func openPrinter(cfg PrinterConfig) (Printer, error) {
	layout, err := escpos.ParseTemplate(escpos.TicketTemplate)
	if err != nil {
		return nil, fmt.Errorf("kiosk: %w", err)
	}
	profile := profileOf(cfg)
	line := port.Open(port.Config{Path: cfg.Path, Baud: profile.Baud, Flow: cfg.Flow})
	return &serialPrinter{line: line, printer: escpos.NewPrinter(line, profile), layout: layout, drawer: escpos.NewShaper()}, nil
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

func (p *serialPrinter) Print(ctx context.Context, t, inChinese escpos.Ticket) PrintResult {
	bytes, warnings, err := p.encode(t)
	if err == nil && len(warnings) > 0 {
		bytes, _, err = p.encode(inChinese)
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

// encode lays a ticket out; the warnings tell of lines that neither the printer nor a font of this PC has letters for.
func (p *serialPrinter) encode(t escpos.Ticket) (bytes []byte, warnings []string, err error) {
	b := escpos.NewBuilder(p.printer.Profile(), p.drawer)
	if err := t.Build(b, p.layout); err != nil {
		return nil, nil, err
	}
	bytes, err = b.Bytes()
	return bytes, b.Warnings(), err
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

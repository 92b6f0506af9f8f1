package kiosk

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/wire"
)

// States and reasons that page and hall are told.
const (
	stateUp      = "up"
	stateWarning = "warning"
	stateDown    = "down"
	stateUnknown = "unknown"

	printPrinting  = "printing"
	printPrinted   = "printed"
	printSent      = "sent"
	printFailed    = "failed"
	printUncertain = "uncertain"

	reasonNoPrinter = "no_printer"
	reasonBusy      = "too_many_jobs"
	reasonReceipt   = "receipt_error"
	reasonStarting  = "starting"
	reasonStopped   = "kiosk_stopped"

	partPrinter wire.Part = "printer"
	partReader  wire.Part = "reader"
	partNumbers wire.Part = "numbers" // of the kiosk's own series
	partDisk    wire.Part = "disk"
)

// Bounds of printing.
const (
	jobsMax     = 32 // receipts waiting; at ten seconds each nobody would wait for more
	healthEvery = 3 * time.Second
	jobTime     = time.Minute
)

// job is one receipt to print.
type job struct {
	ticket  wire.TicketID
	receipt Receipt
	kept    *keptPrint // nil for a checklist, of which the hall knows nothing
}

// prints owns the printer: only its run speaks to it, one receipt after another.
type prints struct {
	printer Printer // nil = none
	jobs    chan job
	events  *hub
	reports *reports
	kept    *printLog
	log     zerolog.Logger
}

func newPrints(cfg Config, events *hub, r *reports, took func(error)) *prints {
	return &prints{printer: cfg.UsePrinter, jobs: make(chan job, jobsMax), events: events, reports: r,
		kept: openPrintLog(cfg.Dir, cfg.Log, took), log: cfg.Log}
}

// add keeps a receipt on disk and queues it.
func (p *prints) add(j job) {
	p.keep(j)
	p.queue(j)
}

func (p *prints) keep(j job) {
	if j.kept != nil {
		p.kept.save(*j.kept)
	}
}

// queue never waits: without a printer, or with too many receipts waiting, it fails at once.
func (p *prints) queue(j job) {
	if p.printer == nil {
		p.done(j, PrintResult{State: printFailed, Reason: reasonNoPrinter, Note: deviceNote(reasonNoPrinter)})
		return
	}
	select {
	case p.jobs <- j:
	default:
		p.done(j, PrintResult{State: printFailed, Reason: reasonBusy, Note: deviceNote(reasonBusy)})
	}
}

// run prints until ctx ends and closes the printer then.
func (p *prints) run(ctx context.Context) {
	if p.printer == nil {
		return
	}
	defer func() {
		if err := p.printer.Close(); err != nil {
			p.log.Warn().Err(err).Msg("the printer's line did not close")
		}
	}()
	p.ask(ctx)
	t := time.NewTicker(healthEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-p.jobs:
			p.print(ctx, j)
		case <-t.C:
			p.ask(ctx)
		}
	}
}

func (p *prints) print(ctx context.Context, j job) {
	if ctx.Err() != nil {
		return // it is on disk, and not begun
	}
	if j.kept != nil {
		j.kept.Begun = true
	}
	p.keep(j)
	p.events.publish("print", PrintState{Ticket: string(j.ticket), State: printPrinting})
	bounded, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	r := p.printer.Print(bounded, j.receipt)
	p.done(j, r)
	switch {
	case (r.State == printFailed || r.State == printUncertain) && r.Reason != reasonReceipt && ctx.Err() == nil:
		p.health(DeviceHealth{State: stateDown, Reason: r.Reason, Note: r.Note})
	case r.Warning != "":
		p.health(unwell(stateWarning, r.Warning))
	case r.State == printPrinted:
		p.health(DeviceHealth{State: stateUp})
	}
}

// done tells page and hall what became of a receipt.
func (p *prints) done(j job, r PrintResult) {
	id := j.ticket
	p.log.Info().Str("ticket", string(id)).Str("print", r.State).Str("reason", r.Reason).Msg("receipt")
	p.events.publish("print", PrintState{Ticket: string(id), State: r.State, Reason: r.Reason, Note: r.Note})
	if j.kept != nil {
		j.kept.Report = &wire.PrintReport{State: r.State, Reason: r.Reason, Note: r.Note}
		p.keep(j)
		p.reports.print(j.kept.Key, id, *j.kept.Report)
	}
}

func (p *prints) ask(ctx context.Context) {
	if h := p.printer.Health(ctx); ctx.Err() == nil {
		p.health(h)
	}
}

func (p *prints) health(h DeviceHealth) {
	if p.events.setPart(partPrinter, h) {
		p.reports.device(partPrinter, h)
	}
}

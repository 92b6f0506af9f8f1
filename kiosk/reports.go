package kiosk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"yitang/server/wire"
)

// Bounds of what the hall is told.
const (
	reportsMax  = 256 // print reports waiting for the hall; then the oldest goes
	reportTime  = 10 * time.Second
	reportFirst = 500 * time.Millisecond
	reportMax   = 10 * time.Second
)

// reports tells the hall what became of receipts, each once, in order, until the hall has answered; and how the devices
// are, only the newest of each.
type reports struct {
	client *wire.Client // its Device is filled in by run when it was not configured
	log    zerolog.Logger
	wake   chan struct{}
	back   chan struct{} // the hall is there again
	// unknown says that the hall does not know a ticket yet, so that what became of its receipt has to wait; may be nil.
	// It may report devices itself.
	unknown func(wire.TicketID) bool
	// told is given the key of a report that needs no other attempt; may be nil.
	told func(wire.Key)

	mu     sync.Mutex
	prints []printReport
	parts  map[wire.Part]*partReport
}

type printReport struct {
	key    wire.Key
	ticket wire.TicketID
	report wire.PrintReport
}

type partReport struct {
	report  wire.DeviceReport
	version uint64
	sent    uint64
}

func newReports(client *wire.Client, log zerolog.Logger) *reports {
	own := *client
	return &reports{client: &own, log: log, wake: make(chan struct{}, 1), back: make(chan struct{}, 1),
		parts: map[wire.Part]*partReport{}}
}

// print queues the report of a receipt, under its key.
func (r *reports) print(key wire.Key, id wire.TicketID, p wire.PrintReport) {
	r.mu.Lock()
	var dropped []printReport
	if len(r.prints) >= reportsMax {
		dropped, r.prints = r.prints[:1:1], r.prints[1:]
	}
	r.prints = append(r.prints, printReport{key: key, ticket: id, report: p})
	r.mu.Unlock()
	for _, d := range dropped {
		r.log.Error().Str("ticket", string(d.ticket)).Msg("a print report is dropped: the hall did not answer for too long")
		r.settled(d.key)
	}
	signal(r.wake)
}

func (r *reports) settled(key wire.Key) {
	if r.told != nil {
		r.told(key)
	}
}

// device notes how a part is. What is not known is not reported.
func (r *reports) device(part wire.Part, d DeviceHealth) {
	if d.State == stateUnknown {
		return
	}
	r.mu.Lock()
	p := r.parts[part]
	if p == nil {
		p = &partReport{}
		r.parts[part] = p
	}
	p.report = wire.DeviceReport{State: d.State, Reason: d.Reason, Note: d.Note}
	p.version++
	r.mu.Unlock()
	signal(r.wake)
}

// cameBack makes run try at once and tell the devices' states again, in case the hall lost them.
func (r *reports) cameBack() {
	r.mu.Lock()
	for _, p := range r.parts {
		p.version++
	}
	r.mu.Unlock()
	signal(r.back)
	signal(r.wake)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run sends until ctx ends.
func (r *reports) run(ctx context.Context) {
	for wait := reportFirst; ; {
		sent, err := r.sendOne(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil: // nobody there, or not for now: again later
			if !pause(ctx, wait, r.back) {
				return
			}
			wait = min(2*wait, reportMax)
		case sent:
			wait = reportFirst
		case !pause(ctx, 0, r.wake):
			return
		}
	}
}

// sendOne sends how a device is and what became of a receipt, the next of each if there is one: neither waits for the other. An
// error means that the hall did not take something for now.
func (r *reports) sendOne(ctx context.Context) (sent bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	part, dev, some := r.nextPart()
	if some {
		if err = r.sendPart(ctx, part, dev); r.final(err, "device "+string(part)) {
			r.mu.Lock()
			r.parts[part].sent = dev.version
			r.mu.Unlock()
			err = nil
		}
	}
	p, ok := r.nextPrint()
	if !ok || wire.Unreachable(err) {
		return some, err
	}
	refused := r.client.ReportPrint(ctx, p.key, p.ticket, p.report)
	if !r.final(refused, "ticket "+string(p.ticket)) {
		r.putBack(p.ticket)
		return true, errors.Join(err, refused)
	}
	r.mu.Lock()
	r.prints = slices.DeleteFunc(r.prints, func(q printReport) bool { return q.key == p.key })
	r.mu.Unlock()
	r.settled(p.key)
	return true, err
}

// putBack lets the other tickets' reports go first; those of one ticket stay in order.
func (r *reports) putBack(id wire.TicketID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortStableFunc(r.prints, func(a, b printReport) int { return cmp.Compare(btoi(a.ticket == id), btoi(b.ticket == id)) })
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// final tells whether a report needs no other attempt: the hall has taken it, or has understood and refused it. A hall that
// fails, that does not know the kiosk (its token is being changed), or something else that answers in its place decides nothing.
func (r *reports) final(err error, what string) bool {
	_, understood := refusedForGood(err)
	if understood {
		r.log.Error().Err(err).Str("of", what).Msg("the hall does not take a report")
	}
	return err == nil || understood
}

func (r *reports) sendPart(ctx context.Context, part wire.Part, p partReport) error {
	if r.client.Device == "" {
		s, err := r.client.Session(ctx)
		if err != nil {
			return err
		}
		r.client.Device = wire.DeviceID(s.User)
	}
	return r.client.ReportDevice(ctx, part, p.report)
}

func (r *reports) nextPart() (wire.Part, partReport, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for part, p := range r.parts {
		if p.sent < p.version {
			return part, *p, true
		}
	}
	return "", partReport{}, false
}

// nextPrint asks about each ticket unlocked: the one who knows has a lock of his own and reports devices under it.
func (r *reports) nextPrint() (printReport, bool) {
	r.mu.Lock()
	prints := slices.Clone(r.prints)
	r.mu.Unlock()
	for _, p := range prints {
		if r.unknown == nil || !r.unknown(p.ticket) {
			return p, true
		}
	}
	return printReport{}, false
}

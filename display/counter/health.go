package counter

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"yitang/drivers/port"
	"yitang/drivers/rs485"
	"yitang/server/wire"
)

const (
	stateUp   = "up"
	stateDown = "down"

	reportTime  = 10 * time.Second
	reportRetry = 5 * time.Second
)

// health tells the hall how the devices are, only the newest of each.
type health struct {
	client *wire.Client
	log    zerolog.Logger
	wake   chan struct{} // of one

	mu    sync.Mutex
	parts map[wire.Part]wire.DeviceReport // not told yet
}

func newHealth(client *wire.Client, log zerolog.Logger) *health {
	return &health{client: client, log: log, wake: make(chan struct{}, 1), parts: map[wire.Part]wire.DeviceReport{}}
}

// follow takes a line's events until it ends.
func (h *health) follow(events <-chan rs485.Event) {
	for e := range events {
		r := wire.DeviceReport{State: stateUp}
		if !e.Up {
			r = wire.DeviceReport{State: stateDown, Reason: string(e.Fault.Code), Note: e.Fault.Sentence}
			if down := (*port.DownError)(nil); errors.As(e.Fault, &down) && e.Fault.Code == rs485.WhyBusy {
				r.Note += "（" + down.Sentence + "）" // names the program
			}
		}
		h.log.Info().Str("device", e.Unit).Str("state", r.State).Str("reason", r.Reason).Msg("counter")
		h.mu.Lock()
		h.parts[wire.Part(e.Unit)] = r
		h.mu.Unlock()
		select {
		case h.wake <- struct{}{}:
		default:
		}
	}
}

// run tells until ctx ends.
func (h *health) run(ctx context.Context) {
	defer h.client.Close()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		}
		for ctx.Err() == nil && !h.tell(ctx) {
			pauseFor(ctx, reportRetry)
		}
	}
}

// tell reports what is not told yet; false when the hall was not reached.
func (h *health) tell(ctx context.Context) bool {
	for {
		part, r, ok := h.next()
		if !ok {
			return true
		}
		err := h.report(ctx, part, r)
		if wire.Unreachable(err) {
			return false
		}
		if err != nil && ctx.Err() == nil {
			h.log.Error().Err(err).Str("device", string(part)).Msg("the hall does not take a report")
		}
		h.mu.Lock()
		if h.parts[part] == r { // else it changed meanwhile
			delete(h.parts, part)
		}
		h.mu.Unlock()
	}
}

func (h *health) next() (wire.Part, wire.DeviceReport, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for part, r := range h.parts {
		return part, r, true
	}
	return "", wire.DeviceReport{}, false
}

func (h *health) report(ctx context.Context, part wire.Part, r wire.DeviceReport) error {
	ctx, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	if h.client.Device == "" {
		s, err := h.client.Session(ctx)
		if err != nil {
			return err
		}
		h.client.Device = wire.DeviceID(s.User)
	}
	return h.client.ReportDevice(ctx, part, r)
}

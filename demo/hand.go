package demo

import (
	"context"
	"time"

	"yitang/server/hall"
	"yitang/server/wire"
)

// Hand keeps the window that is left to whoever tries the demo: it is open from some minutes before the hall opens, and pauses
// and closes when the hall does, for forecasts take an open window for one that serves. Once somebody has called, served
// or paused there, the window is theirs until the hall opens again.
type Hand struct {
	station  Windows
	calendar Calendar
	opened   time.Time   // for which opening time
	left     wire.Window // as the demo left it
}

// NewHand keeps nothing before Look.
func NewHand(l *hall.Layout, s Windows) (*Hand, error) {
	c, err := NewCalendar(l)
	return &Hand{station: s, calendar: c}, err
}

// Look does what is due at a moment with the window as it stands. What the hall refuses is tried at the next look.
func (h *Hand) Look(ctx context.Context, w wire.Window, now time.Time) {
	o := h.calendar.At(now)
	untouched := w.Since.Equal(h.left.Since) && w.Ticket == nil && w.Served == 0
	switch soon := !now.Before(o.From.Add(-beforeOpening)); {
	case soon && !h.opened.Equal(o.From):
		if w, err := h.open(ctx, w); err == nil {
			h.left, h.opened = w, o.From
		}
	case !soon && untouched && w.State == string(hall.Open):
		if w, err := h.leave(ctx, w, o.First); err == nil {
			h.left = w
		}
	}
}

// open leaves a pause that somebody has taken there to them.
func (h *Hand) open(ctx context.Context, w wire.Window) (wire.Window, error) {
	switch {
	case w.State == string(hall.Closed):
		return h.station.Open(ctx, wire.WindowID(w.ID))
	case w.State == string(hall.Paused) && w.Since.Equal(h.left.Since):
		return h.station.ResumeWindow(ctx, wire.WindowID(w.ID))
	}
	return w, nil
}

func (h *Hand) leave(ctx context.Context, w wire.Window, night bool) (wire.Window, error) {
	if night {
		return h.station.CloseWindow(ctx, wire.WindowID(w.ID))
	}
	return h.station.Pause(ctx, wire.WindowID(w.ID), wire.PauseRequest{Reason: reasonLunch})
}

package demo

import (
	"context"

	"yitang/server/wire"
)

// What a simulated clerk does on the hall's API, under a session of its own.
type (
	// Station is all of it.
	Station interface {
		Windows
		Calls
		Services
	}
	// Windows are the acts on the window itself.
	Windows interface {
		Open(ctx context.Context, w wire.WindowID) (wire.Window, error)
		Pause(ctx context.Context, w wire.WindowID, r wire.PauseRequest) (wire.Window, error)
		ResumeWindow(ctx context.Context, w wire.WindowID) (wire.Window, error)
		CloseWindow(ctx context.Context, w wire.WindowID) (wire.Window, error)
	}
	// Calls are the acts from a call to the person's coming. Next is nil without error when nobody waits.
	Calls interface {
		Next(ctx context.Context, w wire.WindowID) (*wire.NextResponse, error)
		Recall(ctx context.Context, w wire.WindowID) (wire.Ticket, error)
		NoShow(ctx context.Context, w wire.WindowID) (wire.Ticket, error)
		Start(ctx context.Context, w wire.WindowID) (wire.Ticket, error)
	}
	// Services are the acts on a ticket being served, and on one that was held.
	Services interface {
		Hold(ctx context.Context, w wire.WindowID, r wire.HoldRequest) (wire.Ticket, error)
		Resume(ctx context.Context, id wire.TicketID, r wire.ResumeRequest) (wire.Ticket, error)
		Transfer(ctx context.Context, w wire.WindowID, r wire.TransferRequest) (wire.Ticket, error)
		Finish(ctx context.Context, w wire.WindowID, r wire.FinishRequest) (wire.Ticket, error)
	}
)

var _ Station = (*wire.Client)(nil)

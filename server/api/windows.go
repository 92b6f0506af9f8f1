package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

// maxPauseMin is a working day.
const maxPauseMin = 480

// mayUse refuses a window that is not the clerk's own, or not the one on whose counter the device stands.
func mayUse(c *fiber.Ctx, window string) error {
	if me := who(c); me.Role == account.Counter && me.Window != window {
		return &hall.Error{Code: hall.CodeNotYourWindow, Message: fmt.Sprintf("设备 %s 不在 %s 号窗口的柜台上。", me.User, window)}
	}
	if own := who(c).Window; own != "" && own != window {
		return &hall.Error{Code: hall.CodeNotYourWindow, Message: fmt.Sprintf("您登录的是 %s 号窗口，不能操作 %s 号窗口。", own, window)}
	}
	return nil
}

// onWindow does a command on the window itself.
func (a *API) onWindow(c *fiber.Ctx, make func(w hall.WindowID) hall.Command) error {
	w := hall.WindowID(c.Params("window"))
	if err := mayUse(c, string(w)); err != nil {
		return err
	}
	return a.do(c, command{status: http.StatusOK, cmd: make(w), answer: func(s *hall.State, _ []hall.Event) any {
		return wire.WindowResponse{Window: a.present(s.Layout()).window(s.Window(w))}
	}})
}

// inHand does a command on the ticket in the window's hand.
func (a *API) inHand(c *fiber.Ctx, make func(w hall.WindowID) hall.Command) error {
	w := hall.WindowID(c.Params("window"))
	if err := mayUse(c, string(w)); err != nil {
		return err
	}
	return a.do(c, command{status: http.StatusOK, cmd: make(w), answer: a.ticketAnswer})
}

func (a *API) openWindow(c *fiber.Ctx) error {
	return a.onWindow(c, func(w hall.WindowID) hall.Command { return hall.OpenWindow{Window: w} })
}

func (a *API) pauseWindow(c *fiber.Ctx) error {
	var in wire.PauseRequest
	if err := body(c, &in); err != nil {
		return err
	}
	if err := text("reason", in.Reason); err != nil {
		return err
	}
	if in.Minutes < 0 || in.Minutes > maxPauseMin {
		return refusal(http.StatusUnprocessableEntity, "invalid", "minutes：0 到 480 分钟。")
	}
	until := hall.Millis(0)
	if in.Minutes > 0 {
		until = hall.Millis(a.Now().Add(time.Duration(in.Minutes) * time.Minute).UnixMilli())
	}
	return a.onWindow(c, func(w hall.WindowID) hall.Command {
		return hall.PauseWindow{Window: w, Reason: in.Reason, Until: until}
	})
}

func (a *API) resumeWindow(c *fiber.Ctx) error {
	return a.onWindow(c, func(w hall.WindowID) hall.Command { return hall.ResumeWindow{Window: w} })
}

func (a *API) closeWindow(c *fiber.Ctx) error {
	return a.onWindow(c, func(w hall.WindowID) hall.Command { return hall.CloseWindow{Window: w} })
}

func (a *API) next(c *fiber.Ctx) error {
	w := hall.WindowID(c.Params("window"))
	if err := mayUse(c, string(w)); err != nil {
		return err
	}
	return a.do(c, command{status: http.StatusOK, cmd: hall.CallNext{Window: w}, answer: a.nextAnswer})
}

func (a *API) nextAnswer(s *hall.State, events []hall.Event) any {
	if len(events) == 0 {
		return nil
	}
	called, ok := events[0].Body.(*hall.TicketCalled)
	if !ok {
		return nil
	}
	t := s.Ticket(called.Ticket)
	return wire.NextResponse{Ticket: a.present(s.Layout()).ticket(t, 0), Why: explain(called.Why, t)}
}

func (a *API) recall(c *fiber.Ctx) error {
	return a.inHand(c, func(w hall.WindowID) hall.Command { return hall.Recall{Window: w} })
}

func (a *API) start(c *fiber.Ctx) error {
	return a.inHand(c, func(w hall.WindowID) hall.Command { return hall.Start{Window: w} })
}

func (a *API) noShow(c *fiber.Ctx) error {
	return a.inHand(c, func(w hall.WindowID) hall.Command { return hall.Miss{Window: w} })
}

func (a *API) hold(c *fiber.Ctx) error {
	var in wire.HoldRequest
	if err := body(c, &in); err != nil {
		return err
	}
	if err := text("reason", in.Reason); err != nil {
		return err
	}
	return a.inHand(c, func(w hall.WindowID) hall.Command { return hall.Hold{Window: w, Reason: in.Reason} })
}

func (a *API) transfer(c *fiber.Ctx) error {
	var in wire.TransferRequest
	if err := body(c, &in); err != nil {
		return err
	}
	if err := text("reason", in.Reason); err != nil {
		return err
	}
	return a.inHand(c, func(w hall.WindowID) hall.Command {
		return hall.Transfer{Window: w, Field: hall.FieldID(in.Field), To: hall.WindowID(in.Window), Department: in.Department,
			Later: in.Later, Reason: in.Reason}
	})
}

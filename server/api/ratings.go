package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"yitang/server/hall"
	"yitang/server/wire"
	"yitang/server/workday"
)

// Ratings finds what the projections keep of ratings.
type Ratings interface {
	// Rating returns a rating's grade, reasons as JSON and text; found is false when the service has not been rated.
	Rating(ctx context.Context, id hall.RatingID) (r hall.Rating, found bool, err error)
	Tasks(ctx context.Context, closed bool, limit int) ([]*hall.Task, error)
}

const maxTasks = 500

func (a *API) windowRatingForm(c *fiber.Ctx) error {
	if err := mayUse(c, c.Params("window")); err != nil {
		return err
	}
	w := a.Hall.View().Window(hall.WindowID(c.Params("window")))
	if w == nil {
		return refusal(http.StatusNotFound, string(hall.CodeNotFound), "没有 "+c.Params("window")+" 号窗口。")
	}
	return a.ratingForm(c, w.Rateable())
}

func (a *API) trackRatingForm(c *fiber.Ctx) error {
	t, err := a.Tickets.TicketByTrack(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	if t == nil {
		return errNoTicket
	}
	return a.ratingForm(c, t)
}

func (a *API) ratingForm(c *fiber.Ctx, t *hall.Ticket) error {
	out := wire.RatingForm{Reasons: hall.RatingReasons()}
	if t != nil && t.Leg > 0 {
		_, rated, err := a.Ratings.Rating(c.UserContext(), hall.MakeRatingID(t.ID, t.Leg))
		if err != nil {
			return err
		}
		p := a.present(a.Hall.View().Layout)
		out.Ticket, out.Number, out.Window, out.EndedAt, out.Rated = string(t.ID), t.Number, string(t.Window), p.maybe(t.EndedAt), rated
	}
	return c.JSON(out)
}

func (a *API) rateAtWindow(c *fiber.Ctx) error {
	if err := mayUse(c, c.Params("window")); err != nil {
		return err
	}
	return a.rate(c, hall.Rate{Window: hall.WindowID(c.Params("window"))}, actor(who(c)), "evaluator", "tablet")
}

func (a *API) rateByTrack(c *fiber.Ctx) error {
	t, err := a.Tickets.TicketByTrack(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	if t == nil {
		return errNoTicket
	}
	return a.rate(c, hall.Rate{Ticket: t.ID}, hall.Actor("holder:"+string(t.ID)), "phone")
}

// rate passes a rating on; via is the first of those possible unless the body says another of them.
func (a *API) rate(c *fiber.Ctx, cmd hall.Rate, by hall.Actor, via ...string) error {
	var in wire.RatingRequest
	if err := body(c, &in); err != nil {
		return err
	}
	if in.Via == "" {
		in.Via = via[0]
	}
	if !slices.Contains(via, in.Via) {
		return refusal(http.StatusUnprocessableEntity, string(hall.CodeInvalid), "via：这里不能用 "+in.Via+"。")
	}
	cmd.Number, cmd.Grade, cmd.Reasons, cmd.Text, cmd.Via = in.Number, in.Grade, in.Reasons, in.Text, in.Via
	return a.do(c, command{by: by, cmd: cmd})
}

func (a *API) ratingTasks(c *fiber.Ctx) error {
	list, err := a.Ratings.Tasks(c.UserContext(), c.Query("closed") == "yes", maxTasks)
	if err != nil {
		return err
	}
	out := wire.RatingTasks{Tasks: []wire.RatingTask{}}
	for _, t := range list {
		w, err := a.ratingTask(c.UserContext(), t)
		if err != nil {
			return err
		}
		out.Tasks = append(out.Tasks, w)
	}
	return c.JSON(out)
}

func (a *API) ratingTask(ctx context.Context, t *hall.Task) (wire.RatingTask, error) {
	p := a.present(a.Hall.View().Layout)
	r, _, err := a.Ratings.Rating(ctx, t.Rating)
	out := wire.RatingTask{ID: string(t.Rating), Number: string(t.Ticket)[9:], Window: string(t.Window), About: name(t.About), Grade: t.Grade,
		Reasons: append([]string{}, r.Reasons...), Text: r.Text, At: p.time(t.At), Due: string(t.Due), State: string(t.State),
		Verifier: name(t.Verifier), Verified: t.Verified, Finding: t.Finding, Answer: t.Answer, VerifiedAt: p.maybe(t.VerifiedAt),
		AnsweredAt: p.maybe(t.AnsweredAt), ClosedAt: p.maybe(t.ClosedAt)}
	end := a.Now()
	if t.ClosedAt != 0 {
		end = p.time(t.ClosedAt)
	}
	out.Late = t.Due != "" && workday.Day(t.Due) < workday.Day(hall.BusinessDay(p.zone, end))
	return out, err
}

func (a *API) stepTask(state hall.TaskState) fiber.Handler {
	return func(c *fiber.Ctx) error {
		var in wire.TaskAct
		if err := body(c, &in); err != nil {
			return err
		}
		id := hall.RatingID(c.Params("rating"))
		return a.do(c, command{status: http.StatusNoContent, cmd: hall.StepTask{Rating: id, State: state, Verified: in.Verified, Text: in.Text}})
	}
}

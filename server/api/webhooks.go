package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/webhook"
	"yitang/server/wire"
)

// Webhooks finds the addresses that are told things, and what they did not take.
type Webhooks interface {
	Hooks(ctx context.Context) ([]webhook.Hook, error)
	Letters(ctx context.Context, limit int) ([]webhook.Letter, error)
	HasLetter(ctx context.Context, id webhook.ID, seq uint64) (bool, error)
	HookEvent(ctx context.Context, seq uint64) (*hall.Event, error)
	DropLetter(ctx context.Context, id webhook.ID, seq uint64) error
}

const maxLetters = 500

func (a *API) webhookRoutes() []route {
	manager := []account.Role{account.Manager}
	return []route{
		{method: http.MethodGet, path: "/api/v1/webhooks", summary: "Addresses that are told about cases and ratings, and their dead letters",
			detail: "An address is added with `yitang admin webhook`. How a message is signed: docs/webhooks.md.",
			roles:  manager, out: wire.Webhooks{}, status: 200, handle: a.webhooks},
		{method: http.MethodPost, path: "/api/v1/webhooks/:webhook/letters/:letter/send", summary: "Send a dead letter once more",
			detail: "502 when it is refused again; then it stays where it is.", roles: manager, status: 204, handle: a.sendLetter},
	}
}

func (a *API) webhooks(c *fiber.Ctx) error {
	hooks, err := a.Webhooks.Hooks(c.UserContext())
	if err != nil {
		return err
	}
	letters, err := a.Webhooks.Letters(c.UserContext(), maxLetters)
	if err != nil {
		return err
	}
	p := a.present(a.Hall.View().Layout)
	out := wire.Webhooks{Webhooks: []wire.Webhook{}, Letters: []wire.Letter{}}
	for _, h := range hooks {
		w := wire.Webhook{ID: string(h.ID), URL: h.URL, Algorithm: string(h.Algorithm), Place: h.Place}
		for _, t := range h.Topics {
			w.Topics = append(w.Topics, string(t))
		}
		out.Webhooks = append(out.Webhooks, w)
	}
	for _, l := range letters {
		out.Letters = append(out.Letters, wire.Letter{Webhook: string(l.Hook), Letter: l.Seq, At: l.At.In(p.zone), Attempts: l.Attempts, Reason: l.Reason})
	}
	return c.JSON(out)
}

// sendLetter needs no key: a message that comes twice has the same id, which its receiver must expect anyway.
func (a *API) sendLetter(c *fiber.Ctx) error {
	ctx := c.UserContext()
	seq, err := strconv.ParseUint(c.Params("letter"), 10, 64)
	if err != nil {
		return errNoRoute
	}
	hooks, err := a.Webhooks.Hooks(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(hooks, func(h webhook.Hook) bool { return string(h.ID) == c.Params("webhook") })
	if i >= 0 {
		if there, err := a.Webhooks.HasLetter(ctx, hooks[i].ID, seq); err != nil {
			return err
		} else if there {
			return a.sendAgain(c, &hooks[i], seq)
		}
	}
	return refusal(http.StatusNotFound, string(hall.CodeNotFound), "没有这封未送达的消息。")
}

func (a *API) sendAgain(c *fiber.Ctx, h *webhook.Hook, seq uint64) error {
	e, err := a.Webhooks.HookEvent(c.UserContext(), seq)
	if err != nil {
		return err
	}
	if e != nil {
		m, _, _ := webhook.MessageOf(e)
		s := webhook.Sender{HTTP: webhook.Client()}
		if err := s.Post(c.UserContext(), h, m); err != nil {
			return refusal(http.StatusBadGateway, "webhook_refused", "对方系统仍然没有接收："+err.Error())
		}
	}
	if err := a.Webhooks.DropLetter(c.UserContext(), h.ID, seq); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"yitang/server/engine"
	"yitang/server/hall"
	"yitang/server/wire"
)

// maxText bounds a reason or another text that a client may send, in characters.
const maxText = 200

// text refuses a text that is too long for the journal.
func text(field, s string) error {
	if utf8.RuneCountInString(s) > maxText {
		return refusal(http.StatusUnprocessableEntity, "invalid", field+"：最多 200 个字。")
	}
	return nil
}

// command is a hall command on its way from a request, with the answer it gets.
type command struct {
	status int
	cmd    hall.Command
	by     hall.Actor                                   // empty: the request's account
	beside any                                          // changed with it, see engine.Request
	answer func(s *hall.State, events []hall.Event) any // nil, also as its result = 204
}

// do hands the command to the hall under the request's Idempotency-Key and sends the answer.
func (a *API) do(c *fiber.Ctx, k command) error {
	key := c.Get("Idempotency-Key")
	if len(key) > maxKeyLength || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errKey
	}
	if k.by == "" {
		k.by = actor(who(c))
	}
	// The user's context, here and for every query: fasthttp's own ends what is under way when the hall stops, and may
	// not be touched by what outlives the handler.
	digest := ""
	if key != "" {
		digest = a.digest(c)
	}
	req := engine.Request{Actor: k.by, Key: key, Digest: digest, Command: k.cmd, Beside: k.beside}
	if k.answer != nil {
		req.Answer = func(s *hall.State, events []hall.Event) []byte { return encode(k.answer(s, events)) }
	}
	answer, err := a.Hall.Do(c.UserContext(), req)
	if err != nil {
		return err
	}
	if len(answer) == 0 {
		return c.SendStatus(http.StatusNoContent)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return c.Status(k.status).Send(answer)
}

// digest recognises a request that comes again. It is keyed, because a body may hold a person's number, which a bare
// hash would give away to whoever tries them all.
func (a *API) digest(c *fiber.Ctx) string {
	return a.Key.Digest("yitang request v1", append([]byte(c.Method()+" "+c.Path()+"\n"), c.BodyRaw()...))
}

// encode writes what the API itself made; it cannot fail on our own types.
func encode(v any) []byte {
	if v == nil {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic("api: encode: " + err.Error())
	}
	return b
}

// ticketAnswer answers with the ticket that the events are about.
func (a *API) ticketAnswer(s *hall.State, events []hall.Event) any {
	for i := range events {
		if t := s.Ticket(events[i].Subject()); t != nil {
			return wire.TicketResponse{Ticket: a.present(s.Layout()).ticket(t, s.Ahead(t))}
		}
	}
	return nil
}

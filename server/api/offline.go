package api

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"yitang/server/account"
	"yitang/server/hall"
	"yitang/server/wire"
)

// trackUse separates the codes of status pages from other uses of the key.
const trackUse = "yitang track v1"

// The parts of a status page's code: the time in milliseconds, then 115 bits that nobody can guess.
const (
	trackTime   = 9
	trackSecret = 23
	trackLetter = "234567ABCDEFGHIJKLMNOPQRSTUVWXYZ" // of RFC 4648's base32, in the order of their bytes
)

// trackOf is the end of the code of the ticket that a request with an Idempotency-Key issues: unguessable without the
// hall's key, and known again when a kiosk tells later that it never heard the answer.
func (a *API) trackOf(who hall.Actor, day, key string) string {
	return end(strings.ToUpper(a.Key.Digest(trackUse, []byte(string(who)+"\x00"+day+"\x00"+key))))
}

func end(secret string) string { return secret[len(secret)-trackSecret:] }

// timed puts the time, which the page says too, in front of the end of a code. Codes that are drawn one after the other are
// then neighbours in the index of all codes: with thirty tickets a commit writes a page or two of it, not thirty.
func timed(at time.Time, secret string) string {
	code := make([]byte, trackTime, trackTime+trackSecret)
	for i, rest := trackTime-1, at.UnixMilli(); i >= 0; i, rest = i-1, rest>>5 {
		code[i] = trackLetter[rest&31]
	}
	return string(append(code, end(secret)...))
}

// drawTrack draws the code of a status page.
func (a *API) drawTrack() string { return timed(a.Now(), rand.Text()) }

// Bounds of a code that a kiosk has drawn itself.
const (
	trackMin = 20
	trackMax = 64
)

// takeOffline takes in a ticket of a kiosk's own series.
func (a *API) takeOffline(c *fiber.Ctx) error {
	var in wire.OfflineTicket
	if err := body(c, &in); err != nil {
		return err
	}
	if err := a.checkOffline(c, &in); err != nil {
		return err
	}
	cmd := hall.TakeOffline{Take: takeCommand(in.TakeRequest, "kiosk"), Number: in.Number, Day: hall.Day(in.Day),
		IssuedAt: hall.Millis(in.IssuedAt.UnixMilli())}
	cmd.Track, cmd.Deliver = in.Track, in.Collect
	if in.InsteadOf != "" {
		cmd.UnheardEnd = a.trackOf(actor(who(c)), in.Day, in.InsteadOf)
	}
	var err error
	if cmd.PersonKind, cmd.Person, err = a.pseudonym(in.Person); err != nil {
		cmd.PersonKind, cmd.Person = "none", "" // the person waits already: a mistyped number must not lose the ticket
	}
	if k := appointmentOf(a.Hall.View().Appointments, in.Appointment, cmd.Person, false); k != nil {
		cmd.Appointment = k.ID
	}
	return a.do(c, command{status: http.StatusCreated, cmd: cmd, answer: func(s *hall.State, _ []hall.Event) any {
		t := s.Ticket(hall.MakeTicketID(cmd.Day, cmd.Number))
		return a.present(s.Layout()).ticket(t, s.Ahead(t))
	}})
}

// checkOffline refuses what no kiosk of this hall issues: a foreign series, a time of another day, a used code.
func (a *API) checkOffline(c *fiber.Ctx, in *wire.OfflineTicket) error {
	series, _, _ := strings.Cut(in.Number, "-")
	zone := a.present(a.Hall.View().Layout).zone
	switch {
	case series != account.Series(who(c).User):
		return refusal(http.StatusUnprocessableEntity, "foreign_series", "number：这台取号机的离线号段是 "+account.Series(who(c).User)+"。")
	case hall.BusinessDay(zone, in.IssuedAt) != hall.Day(in.Day):
		return refusal(http.StatusUnprocessableEntity, "invalid", "issued_at：取号时间不在 "+in.Day+" 这个营业日。")
	case len(in.Track) < trackMin || len(in.Track) > trackMax || strings.Trim(in.Track, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "":
		return refusal(http.StatusUnprocessableEntity, "invalid", "track：应为 20 至 64 个 A–Z、2–7 的字符。")
	}
	used, err := a.Tickets.TicketByTrack(c.UserContext(), in.Track)
	if err != nil {
		return err
	}
	if used != nil && used.Number != in.Number {
		return refusal(http.StatusConflict, string(hall.CodeNumberTaken), "track：另一张号票已在使用这个代码。")
	}
	return nil
}
